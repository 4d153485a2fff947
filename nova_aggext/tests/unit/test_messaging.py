# SPDX-License-Identifier: Apache-2.0
"""What is held against the message bus, and what against a message."""

import socket
import threading

import oslo_messaging
import testscenarios
from amqp import exceptions as amqp
from kombu import exceptions as kombu
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import messaging
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

PASSWORD = 'correct-horse'
DECLARE, PUBLISH = (40, 10), (60, 40)


class Away(Exception):
    """The bus is away."""


class Transport:
    """A transport that can be closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def cleanup(self) -> None:
        """Remember that."""
        self.closed.set()


class BusTest(base.TestCase):
    """A bus on transports that lead nowhere."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[DEFAULT]\n'
                f'transport_url = rabbit://me:{PASSWORD}@127.0.0.1:1/\n'
            )
        conf = aggext_conf.load([db.conf_file])
        messaging.register(conf)
        self.made: list[Transport] = []
        self.bus = messaging.Bus(conf, self.make, lambda one: one, Away)
        self.addCleanup(self.bus.close)

    def make(self, _conf: cfg.ConfigOpts) -> Transport:
        """Make a transport."""
        self.made.append(Transport())
        return self.made[-1]

    def send(self, error: BaseException | None = None) -> None:
        """Send a message; an error is wrapped as the driver wraps it."""
        with self.bus.sending() as sender:
            self.assertIs(self.made[-1], sender)
            if error is None:
                return
            try:
                raise error
            except Exception:
                raise oslo_messaging.MessageDeliveryFailure('x')  # noqa: B904


class AnewTest(BusTest):
    """A transport is used until it fails."""

    def test_kept(self) -> None:
        """While all goes well there is one, made at the start."""
        self.send()
        self.send()
        self.assertEqual(1, len(self.made))

    def test_anew(self) -> None:
        """After a failure there is another one; the old one is closed."""
        self.assertRaises(Away, self.send, amqp.NotFound('no', DECLARE))
        self.send()
        self.send()
        self.assertEqual(2, len(self.made))
        self.assertTrue(self.made[0].closed.wait(10))
        self.assertFalse(self.made[1].closed.is_set())

    def test_anew_after_a_message(self) -> None:
        """Nobody knows what a message that was refused left behind."""
        self.assertRaises(TypeError, self.send, TypeError('no'))
        self.send()
        self.assertEqual(2, len(self.made))

    def test_closed(self) -> None:
        """The transport is closed with the bus."""
        self.bus.close()
        self.bus.close()
        self.assertTrue(self.made[0].closed.is_set())

    def test_no_password(self) -> None:
        """What is said of a failure never holds the password."""
        error = OSError(f'amqp://me:{PASSWORD}@127.0.0.1:1//')
        found = self.assertRaises(Away, self.send, error)
        self.assertIn('amqp://me:***@127.0.0.1', str(found))

    def test_alone(self) -> None:
        """A driver may not say why a message was not delivered."""

        def send() -> None:
            with self.bus.sending():
                raise oslo_messaging.MessageDeliveryFailure('nobody there')

        found = self.assertRaises(Away, send)
        self.assertIn('nobody there', str(found))


class AwayTest(BusTest):
    """What says nothing of the message."""

    scenarios = [
        (type(error).__name__, {'error': error})
        for error in (
            ConnectionRefusedError(111, 'Connection refused'),
            socket.gaierror(-2, 'unknown name'),
            TimeoutError('timed out'),
            kombu.OperationalError('connection already closed'),
            amqp.RecoverableConnectionError('connection closed'),
            amqp.ConnectionForced('CONNECTION_FORCED - bye', (0, 0)),
            amqp.AccessRefused('ACCESS_REFUSED - no', PUBLISH),
            amqp.NotFound('NOT_FOUND - no exchange', PUBLISH),
            amqp.PreconditionFailed('PRECONDITION_FAILED - type', DECLARE),
            amqp.NotAllowed('NOT_ALLOWED - vhost not found', (10, 40)),
            amqp.InternalError('INTERNAL_ERROR', (0, 0)),
            amqp.MessageNacked(),
        )
    ]
    error: Exception

    def test_away(self) -> None:
        """It is waited for, and what was said is known."""
        found = self.assertRaises(Away, self.send, self.error)
        self.assertIn(str(self.error), str(found))

    def test_what_came_first(self) -> None:
        """The words of the broker count, not what followed them."""
        said = amqp.AccessRefused('ACCESS_REFUSED - no', DECLARE)

        def send() -> None:
            try:
                raise said
            except amqp.AccessRefused:
                self.send(self.error)

        found = self.assertRaises(Away, send)
        coded = getattr(self.error, 'reply_code', None)
        self.assertIn(str(self.error if coded else said), str(found))


class RefusedTest(BusTest):
    """What may be the fault of the message, or is not known."""

    scenarios = [
        (type(error).__name__, {'error': error})
        for error in (
            TypeError('not serializable'),
            UnicodeEncodeError('utf-8', '\ud800', 0, 1, 'no'),
            RecursionError(),
            KeyError('who knows'),
            kombu.EncodeError('no'),
            amqp.ContentTooLarge('CONTENT_TOO_LARGE', PUBLISH),
            amqp.PreconditionFailed(
                'PRECONDITION_FAILED - message size 9 is larger', PUBLISH
            ),
            amqp.FrameSyntaxError('unsupported type'),
        )
    ]
    error: Exception

    def test_refused(self) -> None:
        """It is raised as it was, so that it counts."""
        self.assertRaises(type(self.error), self.send, self.error)
