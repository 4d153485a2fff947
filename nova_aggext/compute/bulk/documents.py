# SPDX-License-Identifier: Apache-2.0
"""A change as it is answered, and recorded."""

import datetime
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import outcome as compute_outcome
from nova_aggext.db import change_sets


def document(
    order: orders.Order,
    outcome: compute_outcome.Outcome,
    *,
    dry_run: bool = False,
    change_id: str | None = None,
) -> dict[str, Any]:
    """Give a change as it is answered, and recorded."""
    who, asked = order.who, order.asked
    changed = bool(outcome.effects)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return {
        'id': change_id,
        'kind': asked.kind,
        'dry_run': dry_run,
        'changed': changed,
        'position': None,
        'digest': outcome.digest,
        'reason': asked.reason,
        'manager': asked.manager,
        'reverts': asked.revert,
        'reverted_by': None,
        'user_id': who.user_id,
        'project_id': who.project_id,
        'request_id': who.request_id,
        'global_request_id': who.global_request_id,
        'changed_at': f'{now.isoformat(timespec="microseconds")}Z'
        if change_id
        else None,
        'effects': list(outcome.effects),
        'impact': dict(outcome.impact),
        'warnings': [
            {**one, 'code': f'host-aggregate.{one["code"]}'}
            for one in outcome.warnings
        ],
        'delivery': None if dry_run else _delivery(outcome),
    }


def _delivery(outcome: compute_outcome.Outcome) -> str:
    return 'pending' if outcome.is_told else 'done'


def change_set(
    order: orders.Order, document: Mapping[str, Any]
) -> change_sets.ChangeSet:
    """Give what is recorded of a change as it is answered."""
    who = order.who
    moment = datetime.datetime.fromisoformat(document['changed_at'])
    return change_sets.ChangeSet(
        id=document['id'],
        kind=document['kind'],
        request_digest=order.digest,
        digest=document['digest'],
        reason=document['reason'],
        manager=document['manager'],
        reverts=document['reverts'],
        document=document,
        changed_at=moment.replace(tzinfo=None),
        user_id=who.user_id,
        project_id=who.project_id,
        request_id=who.request_id,
        global_request_id=who.global_request_id,
    )
