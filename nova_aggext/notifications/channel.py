# SPDX-License-Identifier: Apache-2.0
"""Notifications through the drivers of oslo.messaging."""

import dataclasses
import datetime
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
from nova_aggext.notifications import legacy
from nova_aggext.notifications import versioned
from nova_aggext.objects import identity
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

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


class Notifications:
    """Tells of steps and refusals, in the formats that are configured."""

    kinds = frozenset((LEGACY, VERSIONED))
    lanes = frozenset((types.AGGREGATES,))

    def __init__(self, services: channels.Services) -> None:
        self._conf = conf = services.conf
        messaging.register(conf)
        chosen = conf.notifications.notification_format
        self._formats: dict[str, legacy.Format | versioned.Format] = {}
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
        who: context.RequestContext,
        stream: str,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the start or end notifications of a step."""
        if moment not in (types.Moment.STARTED, types.Moment.ENDED):
            return
        for kind, form in self._formats.items():
            content = (
                form.start(step)
                if moment is types.Moment.STARTED
                else form.end(step)
            )
            if content is not None:
                yield _draft(who, stream, kind, 'INFO', content)

    def compose_refusal(
        self,
        who: context.RequestContext,
        stream: str,
        refusal: steps.Refusal,
    ) -> Iterator[types.Draft]:
        """Give the error notifications of a refusal."""
        for kind, form in self._formats.items():
            content = form.error(refusal)
            yield _draft(who, stream, kind, 'ERROR', content)

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Publish a notification on each of its topics."""
        sent = dict(message.body['message'])
        who = {**message.body['context'], 'timestamp': _now().isoformat()}
        priority = sent['priority'].lower()
        with self._bus.sending() as senders:
            for version in self._versions:
                for topic in self._topics[message.kind]:
                    # The drivers of oslo.messaging log and swallow an error,
                    # so that nobody could repeat the message.
                    senders.transport._send_notification(
                        oslo_messaging.Target(topic=f'{topic}.{priority}'),
                        who,
                        dict(sent),
                        version=version,
                        retry=messaging.NO_RETRY,
                    )
            for driver in senders.others[message.kind]:
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


def _draft(
    who: context.RequestContext,
    stream: str,
    kind: str,
    priority: str,
    content: Mapping[str, Any],
) -> types.Draft:
    message_id = str(uuid.uuid4())
    message = {
        'message_id': message_id,
        'publisher_id': content['publisher_id'],
        'event_type': content['event_type'],
        'priority': priority,
        'payload': content['payload'],
        'timestamp': str(_now()),
    }
    body = {'context': identity.primitive(who), 'message': message}
    return types.Draft(stream, kind, message_id, body)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
