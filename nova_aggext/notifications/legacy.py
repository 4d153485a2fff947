# SPDX-License-Identifier: Apache-2.0
"""The legacy format (SIDE_EFFECTS, "Legacy notifications")."""

from collections.abc import Mapping
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.notifications import errors

Content = Mapping[str, Any]


class Format:
    """Makes legacy notifications."""

    def __init__(self, host: str) -> None:
        """Take the name of this host, ``[DEFAULT] host``."""
        self._host = host

    def start(self, step: steps.Single, written: str) -> Content | None:
        """Tell that a step began; None where Nova says nothing.

        :param written: the id of the aggregate as the caller wrote it
        """
        match step:
            case steps.Creating():
                return _content('create.start', step.name, _created(step))
            case steps.Renaming():
                return _aggregate('updateprop.start', step.before.id)
            case steps.SettingMetadata():
                return _content(
                    'updatemetadata.start', step.before.id, _asked(step)
                )
            case steps.AddingHost():
                return _content(
                    'addhost.start', written, _member(step, written)
                )
            case steps.RemovingHost():
                return _content(
                    'removehost.start', written, _member(step, written)
                )
            case steps.Deleting():
                return _aggregate('delete.start', written)
            case _:
                return None

    def end(self, step: steps.Single, written: str) -> Content | None:
        """Tell that a step was taken; None where Nova says nothing.

        :param written: the id of the aggregate as the caller wrote it
        """
        match step:
            case steps.Creating(after=after) if after is not None:
                payload = {**_created(step), 'aggregate_id': after.id}
                return _content('create.end', after.id, payload)
            case steps.Renaming():
                return _aggregate('updateprop.end', step.before.id)
            case steps.SettingMetadata():
                return _content(
                    'updatemetadata.end', step.before.id, _asked(step)
                )
            case steps.AddingHost(after=after) if after is not None:
                payload = {**_member(step, written), 'name': after.name}
                return _content('addhost.end', written, payload)
            case steps.RemovingHost():
                return _content(
                    'removehost.end', written, _member(step, written)
                )
            case steps.Deleting():
                return _aggregate('delete.end', written)
            case _:
                return None

    def error(self, refusal: steps.Refusal) -> Content:
        """Tell of a refusal."""
        return {
            'event_type': refusal.operation,
            'publisher_id': f'compute.{self._host}',
            'payload': {
                'exception': _text(refusal.error),
                'args': errors.arguments(refusal),
            },
        }


def _content(event: str, publisher: object, payload: Content) -> Content:
    return {
        'event_type': f'aggregate.{event}',
        'publisher_id': f'aggregate.{publisher}',
        'payload': payload,
    }


def _aggregate(event: str, aggregate_id: int | str) -> Content:
    return _content(event, aggregate_id, {'aggregate_id': aggregate_id})


def _created(step: steps.Creating) -> dict[str, Any]:
    payload: dict[str, Any] = {'name': step.name}
    if step.zone is not None:
        payload['meta_data'] = {'availability_zone': step.zone}
    return payload


def _asked(step: steps.SettingMetadata) -> Content:
    return {'aggregate_id': step.before.id, 'meta_data': dict(step.asked)}


def _member(
    step: steps.AddingHost | steps.RemovingHost, written: str
) -> dict[str, Any]:
    return {'aggregate_id': written, 'host_name': step.host}


def _text(error: Exception) -> str:
    """Write an error as Nova does: the Python text of a dictionary."""
    if not isinstance(error, exception.AggextException):
        return repr(error)
    return str(
        {
            'kwargs': {**error.kwargs, 'code': errors.code(error)},
            'message': str(error),
            'class': errors.name(error),
        }
    )
