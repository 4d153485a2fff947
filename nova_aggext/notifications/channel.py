# SPDX-License-Identifier: Apache-2.0
"""Notifications through the drivers of oslo.messaging."""

import dataclasses
import datetime
import itertools
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import oslo_messaging
from oslo_config import cfg
from oslo_messaging import notify
from stevedore import named

from nova_aggext import context
from nova_aggext import messaging
from nova_aggext.compute import steps
from nova_aggext.notifications import bulk
from nova_aggext.notifications import legacy
from nova_aggext.notifications import versioned
from nova_aggext.objects import identity
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

Format = legacy.Format | versioned.Format

LEGACY = 'legacy'
VERSIONED = 'versioned'

# Drivers that publish, with the version of their envelope; told directly, as
# they keep an error to themselves.
ENVELOPES = {'messaging': 1.0, 'messagingv2': 2.0}
NOOP = 'noop'

_DRIVERS = 'oslo.messaging.notify.drivers'


def drivers(conf: cfg.ConfigOpts) -> list[str]:
    """Give the names of the drivers that are configured and do anything."""
    named_drivers = conf.oslo_messaging_notifications.driver
    return [name for name in named_drivers if name and name != NOOP]


class Notifications(types.Plain):
    """Tells of steps and refusals, in the formats that are configured."""

    kinds = frozenset((LEGACY, VERSIONED))
    lanes = frozenset((types.AGGREGATES,))

    def __init__(self, services: channels.Services) -> None:
        self._conf = conf = services.conf
        messaging.register(conf)
        chosen = conf.notifications.notification_format
        self._formats: dict[str, Format] = {}
        if chosen in ('unversioned', 'both'):
            self._formats[LEGACY] = legacy.Format(conf.host)
        if chosen in ('versioned', 'both'):
            self._formats[VERSIONED] = versioned.Format(conf.host)
        self._topics = {
            LEGACY: conf.oslo_messaging_notifications.topics,
            VERSIONED: conf.notifications.versioned_notifications_topics,
        }
        self._group = messaging.group_of_notifications(conf)
        self._versions = [
            ENVELOPES[name] for name in drivers(conf) if name in ENVELOPES
        ]
        self._bus = messaging.Bus(
            conf, messaging.notification_transport, self._load, types.Away
        )

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the start or end notifications of a step."""
        if moment not in (types.Moment.STARTED, types.Moment.ENDED):
            return
        told = _Told(
            done.who,
            types.stream_of_aggregate(subject.aggregate.id),
            done.written(subject.aggregate),
        )
        if not isinstance(step, steps.Several):
            yield from self._each(told, step, moment)
        elif moment is types.Moment.ENDED:
            packed = bulk.pack(step.change)
            for kind in self._formats:
                body = {'bulk': packed, 'written': told.written}
                yield _draft(told, kind, {**body, 'timestamp': str(_now())})

    def compose_refusal(self, refusal: steps.Refusal) -> Iterator[types.Draft]:
        """Give what was begun, and the error notifications of a refusal."""
        written = refusal.arguments.get('aggregate_id')
        number = 'new' if written is None else int(written)
        stream = types.stream_of_aggregate(number)
        told = _Told(refusal.who, stream, str(written))
        for step in refusal.begun:
            yield from self._each(told, step, types.Moment.STARTED)
        for kind, form in self._formats.items():
            yield _single(told, kind, 'ERROR', form.error(refusal))

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Publish a notification on each of its topics, or all of a bulk."""
        who = message.body['context']
        with self._bus.sending() as senders:
            for sent in self._messages(message):
                self._send(senders, message.kind, who, sent)

    def _each(
        self, told: '_Told', step: steps.Single, moment: types.Moment
    ) -> Iterator[types.Draft]:
        for kind, form in self._formats.items():
            content = _content(form, step, moment, told.written)
            if content is not None:
                yield _single(told, kind, 'INFO', content)

    def _messages(self, message: types.Draft) -> Iterator[dict[str, Any]]:
        """Give what is to be published, one by one."""
        body = message.body
        if 'bulk' not in body:
            yield dict(body['message'])
            return
        form, numbers = self._formats[message.kind], itertools.count()
        for step in steps.each(bulk.unpack(body['bulk'])):
            for moment in (types.Moment.STARTED, types.Moment.ENDED):
                content = _content(form, step, moment, body['written'])
                one = bulk.identify(message.message_id, next(numbers))
                if content is not None:
                    yield _message(one, 'INFO', content, body['timestamp'])

    def _send(
        self,
        senders: '_Senders',
        kind: str,
        who: Mapping[str, Any],
        sent: dict[str, Any],
    ) -> None:
        who = {**who, 'timestamp': _now().isoformat()}
        priority = sent['priority'].lower()
        for version in self._versions:
            for topic in self._topics[kind]:
                # The drivers of oslo.messaging log and swallow an error, so
                # that nobody could repeat the message.
                senders.transport._send_notification(
                    oslo_messaging.Target(topic=f'{topic}.{priority}'),
                    who,
                    dict(sent),
                    version=version,
                    retry=messaging.NO_RETRY,
                )
        for driver in senders.others[kind]:
            driver.notify(who, sent, priority, messaging.NO_RETRY)

    def probe(self) -> None:
        """Send what nobody who is notified gets.

        :raises MessageBusUnavailable: when it cannot be sent
        """
        messaging.probe(self._bus.transport, self._group)

    def close(self) -> None:
        """Close the connections."""
        self._bus.close()

    def _load(self, transport: oslo_messaging.Transport) -> '_Senders':
        others = {
            kind: _load_others(self._conf, topics, transport)
            for kind, topics in self._topics.items()
        }
        return _Senders(transport, others)


@dataclasses.dataclass(frozen=True, slots=True)
class _Senders:
    """What publishes, on one transport.

    :ivar others: drivers that are not told directly, by kinds of messages
    """

    transport: oslo_messaging.Transport
    others: 'Mapping[str, Sequence[notify.notifier.Driver]]'


def _load_others(
    conf: cfg.ConfigOpts, topics: list[str], transport: Any
) -> 'list[notify.notifier.Driver]':
    manager: named.NamedExtensionManager[notify.notifier.Driver]
    manager = named.NamedExtensionManager(
        _DRIVERS,
        names=[name for name in drivers(conf) if name not in ENVELOPES],
        invoke_on_load=True,
        invoke_args=(conf,),
        invoke_kwds={'topics': topics, 'transport': transport},
    )
    return [one.obj for one in manager if one.obj is not None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What the messages of one aggregate have in common.

    :ivar written: the id of the aggregate as the caller wrote it
    """

    who: context.RequestContext
    stream: str
    written: str


def _content(
    form: Format, step: steps.Single, moment: types.Moment, written: str
) -> Mapping[str, Any] | None:
    if moment is types.Moment.STARTED:
        return form.start(step, written)
    return form.end(step, written)


def _single(
    told: _Told, kind: str, priority: str, content: Mapping[str, Any]
) -> types.Draft:
    message_id = str(uuid.uuid4())
    message = _message(message_id, priority, content, str(_now()))
    return _draft(told, kind, {'message': message}, message_id)


def _draft(
    told: _Told,
    kind: str,
    body: Mapping[str, Any],
    message_id: str | None = None,
) -> types.Draft:
    return types.Draft(
        told.stream,
        kind,
        message_id or str(uuid.uuid4()),
        {'context': identity.primitive(told.who), **body},
    )


def _message(
    message_id: str, priority: str, content: Mapping[str, Any], timestamp: str
) -> dict[str, Any]:
    return {
        'message_id': message_id,
        'publisher_id': content['publisher_id'],
        'event_type': content['event_type'],
        'priority': priority,
        'payload': content['payload'],
        'timestamp': timestamp,
    }


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
