# SPDX-License-Identifier: Apache-2.0
"""What a change shows of aggregates to who may not see them.

It may be his to add a host, and not to see what else there is.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext.api import permission
from nova_aggext.db import records
from nova_aggext.policies import host_aggregate as policies

Document = Mapping[str, Any]
# Reads aggregates of some ids, as far as they are there.
Read = Callable[[Iterable[int]], Iterable[records.Aggregate]]


class Sight:
    """What somebody may see of aggregates."""

    def __init__(self, who: context.RequestContext, read: Read) -> None:
        """Take who it is, and what reads those that are asked for."""
        self._who = who
        self._read = read

    def of(self, ids: Iterable[int]) -> frozenset[int]:
        """Give those of some aggregates that he may see.

        They are read only where the rule looks at them.
        """
        wanted = frozenset(ids)
        if not self._who.looks_at_target(policies.AGGREGATES_SHOW):
            return wanted if self._sees(context.NOTHING) else frozenset()
        if not wanted:
            return wanted
        return frozenset(
            one.id
            for one in self._read(wanted)
            if self._sees(permission.target(one))
        )

    def change(self, document: Document) -> Document:
        """Give a change without what he may not see.

        What is left of an effect on such an aggregate is that there is one.
        What follows of all effects together is not told then.
        """
        effects = document['effects']
        seen = self.of(
            one['aggregate']['id'] for one in effects if one['op'] == 'update'
        )
        is_undo = document['reverts'] is not None
        shown = [
            one if self._shows(one, seen, is_undo) else _bare(one)
            for one in effects
        ]
        if shown == effects:
            return document
        return {**document, 'effects': shown, 'impact': None, 'warnings': []}

    def _shows(
        self, effect: Document, seen: frozenset[int], is_undo: bool
    ) -> bool:
        match effect['op']:
            case 'update':
                return effect['aggregate']['id'] in seen
            case 'delete':
                # It is not there any more.
                return self._sees(_target(effect['before']))
        # Who makes one has said what it is, but for one that is made again.
        return not is_undo or self._sees(_target(effect))

    def _sees(self, target: permission.Target) -> bool:
        return permission.may(self._who, policies.AGGREGATES_SHOW, target)


def _bare(effect: Document) -> Document:
    named = {**effect['aggregate'], 'name': None}
    return {'op': effect['op'], 'aggregate': named}


def _target(was: Document) -> permission.Target:
    return permission.target_of(
        was['name'],
        was.get('availability_zone'),
        was.get('owner'),
        protected=was.get('protected', False),
    )
