# SPDX-License-Identifier: Apache-2.0
"""The versioned format (SIDE_EFFECTS, "Versioned notifications")."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.notifications import errors
from nova_aggext.objects import aggregate as objects

Content = Mapping[str, Any]

EVENTS: Mapping[type[steps.Single], str] = {
    steps.Creating: 'create',
    steps.Renaming: 'update_prop',
    steps.SettingMetadata: 'update_metadata',
    steps.AddingHost: 'add_host',
    steps.RemovingHost: 'remove_host',
    steps.Deleting: 'delete',
}


class Format:
    """Makes versioned notifications."""

    def __init__(self, host: str) -> None:
        """Take the name of this host, ``[DEFAULT] host``."""
        self._publisher = f'nova-api:{host}'

    def start(self, step: steps.Single, written: str) -> Content | None:
        """Tell that a step began; None until its aggregate was found."""
        if isinstance(step, steps.Creating):
            return self._content('create.start', _to_be(step))
        if isinstance(step, steps.Renaming):
            # Nova has given it the name before it tells of that.
            renamed = dataclasses.replace(step.before, name=step.name)
            return self._event(step, 'start', renamed)
        return self._event(step, 'start', step.before)

    def end(self, step: steps.Single, written: str) -> Content | None:
        """Tell that a step was taken."""
        if isinstance(step, steps.CachingImages):
            return None
        if isinstance(step, steps.Deleting):
            return self._event(step, 'end', step.before)
        return self._event(step, 'end', step.after)

    def error(self, refusal: steps.Refusal) -> Content:
        """Tell of a refusal. Where it was raised is nobody's business."""
        payload = objects.primitive(
            objects.ExceptionPayload,
            module_name=type(refusal.error).__module__,
            function_name=refusal.operation,
            exception=errors.name(refusal.error),
            exception_message=str(refusal.error),
            traceback='',
        )
        return {
            'event_type': 'compute.exception',
            'publisher_id': self._publisher,
            'payload': payload,
        }

    def _event(
        self,
        step: steps.Single,
        phase: str,
        aggregate: records.Aggregate | None,
    ) -> Content | None:
        if aggregate is None or type(step) not in EVENTS:
            return None
        payload = objects.primitive(
            objects.AggregatePayload,
            id=aggregate.id,
            uuid=aggregate.uuid,
            name=aggregate.name,
            hosts=list(aggregate.hosts),
            metadata=dict(aggregate.metadata),
        )
        return self._content(f'{EVENTS[type(step)]}.{phase}', payload)

    def _content(self, event: str, payload: Any) -> Content:
        return {
            'event_type': f'aggregate.{event}',
            'publisher_id': self._publisher,
            'payload': payload,
        }


def _to_be(step: steps.Creating) -> Any:
    """Give an aggregate of which hardly anything is known yet."""
    zone = step.zone
    return objects.primitive(
        objects.AggregatePayload,
        id=None,
        uuid=step.uuid,
        name=step.name,
        hosts=None,
        metadata=None if zone is None else {records.ZONE_KEY: zone},
    )
