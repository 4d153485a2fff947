# SPDX-License-Identifier: Apache-2.0
"""A consumer of notifications that survives restarts of the broker."""

import contextlib
import threading
import time

import fixtures
import kombu
from kombu import exceptions as kombu_exc

from nova_aggext.tests.delivery import tap

_EXCHANGE = kombu.Exchange('nova', type='topic', durable=True)
QUEUES = tuple(
    kombu.Queue(name, _EXCHANGE, routing_key=name, durable=True)
    for name in (
        'notifications.info',
        'notifications.error',
        'versioned_notifications.info',
        'versioned_notifications.error',
    )
)
# Seconds of silence after which no more is expected.
_QUIET = 3
# What breaks while the broker is away.
_AWAY = (OSError, kombu_exc.KombuError, *kombu.Connection().connection_errors)


class Consumer(fixtures.Fixture):
    """Takes messages from the durable queues that oslo.messaging declares.

    What one queue held comes in order.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def _setUp(self) -> None:
        self._messages: list[tap.Message] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.addCleanup(self._stop)

    def take(self) -> list[tap.Message]:
        """Give what has come since the last time, when no more comes."""
        count = -1
        while count != len(self._messages):
            count = len(self._messages)
            time.sleep(_QUIET)
        found, self._messages = self._messages, []
        return found

    def _stop(self) -> None:
        self._stopped.set()
        self._thread.join(20)

    def _run(self) -> None:
        while not self._stopped.wait(0.2):
            with contextlib.suppress(*_AWAY):
                self._consume()

    def _consume(self) -> None:
        with (
            kombu.Connection(self._url, heartbeat=4) as connection,
            connection.Consumer(list(QUEUES), on_message=self._hear),
        ):
            while not self._stopped.is_set():
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    connection.heartbeat_check()

    def _hear(self, message: kombu.Message) -> None:
        self._messages.append(tap._decode(message))
        message.ack()
