# SPDX-License-Identifier: Apache-2.0
"""Casts to all schedulers (SIDE_EFFECTS, section 3)."""

import collections
import dataclasses
import uuid
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import oslo_messaging

from nova_aggext import context
from nova_aggext import messaging
from nova_aggext.compute import steps
from nova_aggext.db import changes
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.objects import aggregate as objects
from nova_aggext.objects import identity
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.scheduler import move

UPDATE = 'update_aggregates'
DELETE = 'delete_aggregate'

# What is told of several aggregates at once, in the body of a cast.
_MOVE = 'move'
# So often one is cast while others change the same.
_ROUNDS = 10
# So many of these are remembered as told.
_TOLD = 1000

# Nova casts before the end notification of these, after it of the others.
_EARLY = (steps.AddingHost, steps.RemovingHost, steps.Deleting)
# In whose name nothing but the truth is told.
_NOBODY = context.RequestContext(policy=context.Unrestricted, roles=['admin'])


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
        self._told: collections.deque[str] = collections.deque(maxlen=_TOLD)
        self._bus = messaging.Bus(
            services.conf, messaging.rpc_transport, _client, types.Away
        )

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the one cast of a request, in each stream that it concerns."""
        if len(done.subjects) > 1:
            if moment is types.Moment.FINISHED:
                yield from _compose_move(done, subject)
            return
        early = isinstance(step, _EARLY)
        now = types.Moment.CHANGED if early else types.Moment.FINISHED
        if moment is now and not isinstance(step, steps.CachingImages):
            yield _compose(identity.primitive(done.who), subject)

    def prepare(self, messages: Sequence[types.DraftT]) -> list[types.DraftT]:
        """Read all single aggregates to tell of, but not those that are gone.

        What is wrong with one of them comes out when that one is told.
        """
        ids = {_id(one) for one in messages if _is_of_one(one)}
        if not ids:
            return list(messages)
        known = self._read(ids)
        return [
            _with(one, known) if _is_of_one(one) else one for one in messages
        ]

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Cast what is true now; nothing of an aggregate that is gone.

        What stands in several streams is told by this process once: whatever
        is told after its commit tells of it.

        :raises TryAgain: when others change the same all the time
        """
        if _MOVE in message.body:
            if message.message_id not in self._told:
                self._tell_move(message)
                self._told.append(message.message_id)
            return
        arguments = _arguments(message)
        if arguments is not None:
            self._cast(message, message.kind, arguments)

    def _tell_move(self, message: types.Draft) -> None:
        """Cast several, until they are what was cast.

        The streams of some may be held by other processes, which may have
        told of something newer between what is read here and what is cast.
        """
        moved = message.body[_MOVE]
        sent: Mapping[int, records.Aggregate] = {}
        for _ in range(_ROUNDS):
            found = self._read(moved['aggregates'])
            if found == sent:
                return
            told = _snapshots(move.order(moved, found))
            if told:
                self._cast(message, UPDATE, {'aggregates': told})
            for gone in sent.keys() - found.keys():
                (told_last,) = _snapshots([sent[gone]])
                self._cast(message, DELETE, {'aggregate': told_last})
            sent = found
        raise types.TryAgain('Others change the same all the time')

    def _read(self, ids: Collection[int]) -> dict[int, records.Aggregate]:
        if not ids:
            return {}
        found = self._database.ask(lambda session: reading.some(session, ids))
        return {one.id: one for one in found}

    def _cast(
        self, message: types.Draft, method: str, arguments: dict[str, Any]
    ) -> None:
        with self._bus.sending() as client:
            client.cast(message.body['context'], method, **arguments)

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


def _compose(who: dict[str, Any], subject: steps.Subject) -> types.Draft:
    stream = types.stream_of_aggregate(subject.aggregate.id)
    if subject.is_deleted:
        aggregate = objects.snapshot(subject.aggregate.values())
        return _draft(stream, DELETE, {'context': who, 'aggregate': aggregate})
    body = {'context': who, 'aggregate_id': subject.aggregate.id}
    return _draft(stream, UPDATE, body)


def _compose_move(
    done: steps.Done, subject: steps.Subject
) -> Iterator[types.Draft]:
    """Give the cast of all that changed, then the deletion of one of them."""
    who = identity.primitive(done.who)
    stream = types.stream_of_aggregate(subject.aggregate.id)
    body = {
        'context': who,
        'aggregate_id': subject.aggregate.id,
        _MOVE: move.describe(done.subjects),
    }
    # One message, wherever it stands.
    yield types.Draft(stream, UPDATE, str(done.id), body)
    if subject.is_deleted:
        yield _compose(who, subject)


def _is_of_one(message: types.Draft) -> bool:
    """Say whether a message tells how one aggregate is."""
    return message.kind == UPDATE and _MOVE not in message.body


def _id(message: types.Draft) -> int:
    """Give the one aggregate that a message tells of."""
    number: int = message.body['aggregate_id']
    return number


def _with(
    message: types.DraftT, known: Mapping[int, records.Aggregate]
) -> types.DraftT:
    body = {**message.body, 'found': known.get(_id(message))}
    return dataclasses.replace(message, body=body)


def _arguments(message: types.Draft) -> dict[str, Any] | None:
    body = message.body
    if message.kind == DELETE:
        return {'aggregate': body['aggregate']}
    found: records.Aggregate | None = body['found']
    return {'aggregates': _snapshots([found])} if found else None


def _snapshots(aggregates: Iterable[records.Aggregate]) -> list[Any]:
    return [objects.snapshot(one.values()) for one in aggregates]


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
