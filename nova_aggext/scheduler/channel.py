# SPDX-License-Identifier: Apache-2.0
"""Casts to all schedulers (SIDE_EFFECTS, section 3)."""

import dataclasses
import uuid
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import oslo_messaging

from nova_aggext import context
from nova_aggext import messaging
from nova_aggext.compute import steps
from nova_aggext.db import changes
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.objects import aggregate as objects
from nova_aggext.objects import identity
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

UPDATE = 'update_aggregates'
DELETE = 'delete_aggregate'

# Nova casts before the end notification of these, after it of the others.
_EARLY = (steps.AddingHost, steps.RemovingHost, steps.Deleting)
_LATE = (steps.Creating, steps.Renaming, steps.SettingMetadata)

# In whose name nothing but the truth is told.
_NOBODY = context.RequestContext(authorize=lambda *_: None, roles=['admin'])


class SchedulerCasts(types.Plain):
    """Keeps the schedulers' view of aggregates.

    What a cast says is read just before it is sent, so that the last one
    always tells the truth. It carries no token: schedulers use none, and it
    would be kept in the outbox.
    """

    kinds = frozenset((UPDATE, DELETE))
    lanes = frozenset((types.AGGREGATES,))

    def __init__(self, services: channels.Services) -> None:
        messaging.register(services.conf)
        self._database = services.database
        self._bus = messaging.Bus(
            services.conf, messaging.rpc_transport, _client, types.Away
        )

    def compose(
        self,
        who: context.RequestContext,
        stream: str,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the one cast of a request."""
        early = moment is types.Moment.CHANGED and isinstance(step, _EARLY)
        late = moment is types.Moment.FINISHED and isinstance(step, _LATE)
        if early or late:
            yield _compose(identity.primitive(who), stream, step)

    def prepare(self, messages: Sequence[types.DraftT]) -> list[types.DraftT]:
        """Read all aggregates to tell of; None stands for one that is gone.

        What is wrong with one of them comes out when that one is told.
        """
        ids = {
            one.body['aggregate_id'] for one in messages if one.kind == UPDATE
        }
        if not ids:
            return list(messages)
        found = self._database.ask(
            lambda session: queries.get_aggregates(session, ids)
        )
        known = {one.id: one for one in found}
        return [
            _with(one, known.get(one.body['aggregate_id']))
            if one.kind == UPDATE
            else one
            for one in messages
        ]

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Cast what is true now; nothing of an aggregate that is gone."""
        arguments = _arguments(message)
        if arguments is None:
            return
        with self._bus.sending() as client:
            client.cast(message.body['context'], message.kind, **arguments)

    def recast(self, aggregate_ids: Sequence[int]) -> list[types.Draft]:
        """Make casts of aggregates that nobody has changed."""
        who = identity.primitive(_NOBODY)
        return [
            _draft(
                types.stream_of_aggregate(one),
                UPDATE,
                {'context': who, 'aggregate_id': one},
            )
            for one in aggregate_ids
        ]

    def recast_deleted(
        self, gone: Sequence[changes.Change]
    ) -> list[types.Draft]:
        """Make casts of aggregates that are gone."""
        who = identity.primitive(_NOBODY)
        return [
            _draft(
                types.stream_of_aggregate(one.aggregate_id),
                DELETE,
                {'context': who, 'aggregate': _remembered(one)},
            )
            for one in gone
        ]

    def probe(self) -> None:
        """Send what no scheduler gets.

        :raises MessageBusUnavailable: when it cannot be sent
        """
        messaging.probe(self._bus.transport, 'DEFAULT')

    def close(self) -> None:
        """Close the connections."""
        self._bus.close()


def _client(transport: oslo_messaging.Transport) -> Any:
    """Make what casts to every scheduler."""
    target = oslo_messaging.Target(topic='scheduler', version='4.1')
    client = oslo_messaging.get_rpc_client(
        transport, target, retry=messaging.NO_RETRY
    )
    return client.prepare(fanout=True)


def _compose(
    who: dict[str, Any], stream: str, step: steps.Step
) -> types.Draft:
    if isinstance(step, steps.Deleting) and step.before is not None:
        aggregate = objects.snapshot(step.before.values())
        return _draft(stream, DELETE, {'context': who, 'aggregate': aggregate})
    aggregate_id = int(stream.rpartition(':')[2])
    return _draft(
        stream, UPDATE, {'context': who, 'aggregate_id': aggregate_id}
    )


def _with(
    message: types.DraftT, found: records.Aggregate | None
) -> types.DraftT:
    body = {**message.body, 'found': found}
    return dataclasses.replace(message, body=body)


def _arguments(message: types.Draft) -> dict[str, Any] | None:
    if message.kind == DELETE:
        return {'aggregate': message.body['aggregate']}
    found: records.Aggregate | None = message.body['found']
    if found is None:
        return None
    return {'aggregates': [objects.snapshot(found.values())]}


def _draft(stream: str, kind: str, body: dict[str, Any]) -> types.Draft:
    return types.Draft(stream, kind, str(uuid.uuid4()), body)


def _remembered(change: changes.Change) -> Any:
    """Give an aggregate as the record of its deletion has it."""
    return objects.snapshot(
        {
            'id': change.aggregate_id,
            'uuid': change.aggregate_uuid,
            'name': change.before['name'],
            'hosts': change.before['hosts'],
            'metadata': change.before['metadata'],
            'created_at': None,
            'updated_at': None,
        }
    )
