# SPDX-License-Identifier: Apache-2.0
"""A tap on a message bus: keeps every message, in the order it came."""

import dataclasses
import json
import threading
import time
from typing import Any
import uuid

import fixtures
import kombu

# Seconds until what was sent must have come.
PATIENCE = 20

# As oslo.messaging declares them by default.
EXCHANGES = (
    kombu.Exchange('nova', type='topic', durable=False),
    kombu.Exchange(
        'scheduler_fanout', type='fanout', durable=False, auto_delete=True
    ),
)


@dataclasses.dataclass(frozen=True)
class Message:
    """What was published.

    :ivar envelope: what was around the message; None when it came bare
    :ivar message: keys are in the order they came
    """

    exchange: str
    routing_key: str
    properties: dict[str, Any]
    envelope: dict[str, Any] | None
    message: dict[str, Any]

    @property
    def what(self) -> str:
        """Give the event or the method."""
        found = self.message.get('event_type') or self.message['method']
        return str(found)


class Tap(fixtures.Fixture):
    """One queue that gets all that is published on Nova's exchanges."""

    def __init__(self, url: str, *exchanges: kombu.Exchange) -> None:
        """Take where to listen.

        :param url: an AMQP URL with a virtual host
        :param exchanges: where to listen, instead of at Nova's
        """
        super().__init__()
        self.url = url
        self.exchanges = exchanges or EXCHANGES
        self._messages: list[Message] = []
        self._marks: set[str] = set()
        self._news = threading.Condition()
        self._stopped = threading.Event()
        self._ready = threading.Event()
        self._name = f'tap-{uuid.uuid4().hex}'

    def _setUp(self) -> None:
        options = {'confirm_publish': True}
        self._sending = kombu.Connection(self.url, transport_options=options)
        self.addCleanup(self._sending.release)
        self._producer = self._sending.Producer()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.addCleanup(self._stop)
        if not self._ready.wait(PATIENCE):
            raise RuntimeError('The tap does not listen')

    def take(self) -> list[Message]:
        """Give what has come since the last time.

        Whatever was confirmed by the broker before this is in it.
        """
        self._mark()
        with self._news:
            found, self._messages = self._messages, []
        return found

    def _mark(self) -> None:
        mark = uuid.uuid4().hex
        self._producer.publish(mark, routing_key=self._name)
        with self._news:
            if not self._news.wait_for(lambda: mark in self._marks, PATIENCE):
                raise RuntimeError('The tap does not hear')

    def _stop(self) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE)

    def _listen(self) -> None:
        with kombu.Connection(self.url) as connection:
            channel = connection.channel()
            queue = kombu.Queue(
                self._name,
                bindings=[
                    kombu.binding(exchange, routing_key='#')
                    for exchange in self.exchanges
                ],
                exclusive=True,
            )
            with connection.Consumer(
                queue, channel=channel, on_message=self._hear, no_ack=True
            ):
                self._ready.set()
                while not self._stopped.is_set():
                    try:
                        connection.drain_events(timeout=0.2)
                    except TimeoutError:
                        connection.heartbeat_check()

    def _hear(self, message: kombu.Message) -> None:
        with self._news:
            if not message.delivery_info['exchange']:
                self._marks.add(str(message.payload))
            else:
                self._messages.append(_decode(message))
            self._news.notify_all()


def wait_until(true: Any, seconds: float = PATIENCE) -> None:
    """Wait until something is true.

    :raises RuntimeError: when it takes too long
    """
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f'Not true after {seconds} s')
        time.sleep(0.01)


def _decode(message: kombu.Message) -> Message:
    content = json.loads(message.body)
    envelope = None
    if 'oslo.message' in content:
        envelope = content
        content = json.loads(envelope.pop('oslo.message'))
    return Message(
        exchange=message.delivery_info['exchange'],
        routing_key=message.delivery_info['routing_key'],
        properties=dict(message.properties),
        envelope=envelope,
        message=content,
    )
