# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging as Nova sets it up, on configuration of our own."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Generic, TypeVar

import oslo_messaging
from amqp import exceptions as amqp
from kombu import exceptions as kombu
from oslo_config import cfg
from oslo_messaging import opts

from nova_aggext import exception

# Nova's default for [DEFAULT] control_exchange.
EXCHANGE = 'nova'

# Sending fails at once where it cannot be done: the outbox tries again.
NO_RETRY = 0

SenderT = TypeVar('SenderT')

RABBIT = 'oslo_messaging_rabbit'
NOTIFICATIONS = 'oslo_messaging_notifications'
# A topic without a queue: an exchange drops what is sent there.
_NOBODY = 'nova-aggext-status'
# A broker that says nothing any more is waited for at most twice as long as
# its heartbeat may stay out, and then connected to anew: all of that must
# have ended when the lease of who sends does.
_PARTS = 6

# What a broker that refuses says of itself, its exchanges and rights, by the
# codes of AMQP: connection forced, invalid path, access refused, not found,
# resource locked, precondition failed, channel error, resource error, not
# allowed, internal error.
_CODES = frozenset((320, 402, 403, 404, 405, 406, 504, 506, 530, 541))
# Of a message it says with the same code that this is too large.
_PRECONDITION = 406
_PUBLISH = 'Basic.publish'
# What libraries raise when they cannot reach a broker, or not any more.
_UNREACHABLE = (
    OSError,
    amqp.ConnectionError,
    amqp.ChannelError,
    amqp.MessageNacked,
    kombu.OperationalError,
)
# What drivers raise that do not say why.
_UNDELIVERED = (
    oslo_messaging.MessageDeliveryFailure,
    oslo_messaging.MessagingTimeout,
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known that every transport reads, if nobody did."""
    if RABBIT in conf:
        return
    for group, options in opts.list_opts():
        conf.register_opts(options, group=group)
    conf.set_default('control_exchange', EXCHANGE)
    # Some releases of oslo.messaging declare it for the process-wide
    # configuration alone, but read it from the one they are given.
    for name in ('tracing', 'metrics'):
        option = cfg.BoolOpt(f'{name}_enabled', default=False)
        with contextlib.suppress(cfg.DuplicateOptError):
            conf.register_opt(option, group=f'oslo_messaging_{name}')
    _bound_sending(conf)


def _bound_sending(conf: cfg.ConfigOpts) -> None:
    """Let heartbeats be frequent enough for the lease.

    Theirs is the only timeout that a message sent has.
    """
    most = max(1, int(conf.aggext_outbox.lease / _PARTS))
    asked = conf[RABBIT].heartbeat_timeout_threshold
    conf.set_override(
        'heartbeat_timeout_threshold', min(asked or most, most), group=RABBIT
    )


def rpc_transport(conf: cfg.ConfigOpts) -> oslo_messaging.Transport:
    """Make the transport of casts; it connects when it is first needed.

    :raises ConfigurationError: when its URL is of no use
    """
    with _naming('[DEFAULT] transport_url'):
        return oslo_messaging.get_rpc_transport(conf)


def notification_transport(conf: cfg.ConfigOpts) -> oslo_messaging.Transport:
    """Make the transport of notifications, which may have its own URL.

    :raises ConfigurationError: when its URL is of no use
    """
    with _naming(f'[{group_of_notifications(conf)}] transport_url'):
        return oslo_messaging.get_notification_transport(conf)


def group_of_notifications(conf: cfg.ConfigOpts) -> str:
    """Give the group that the URL of the bus for notifications is in."""
    return NOTIFICATIONS if conf[NOTIFICATIONS].transport_url else 'DEFAULT'


def probe(transport: oslo_messaging.Transport, group: str) -> None:
    """Have a message bus take a message that nobody listens for.

    A driver that has no casts, as some for notifications, is not tried.

    :param group: the one that the URL of the transport is in
    :raises MessageBusUnavailable: when it does not take the message
    """
    client = oslo_messaging.get_rpc_client(
        transport, oslo_messaging.Target(topic=_NOBODY), retry=NO_RETRY
    )
    try:
        client.cast({}, 'probe')
    except NotImplementedError:
        return
    except Exception as error:
        raise exception.MessageBusUnavailable(
            reason=error, group=group
        ) from error


@contextlib.contextmanager
def _naming(option: str) -> Iterator[None]:
    """Name the option of a URL, and nothing of the URL but its driver."""
    try:
        yield
    except oslo_messaging.DriverLoadFailure as error:
        reason = f'There is no driver {error.driver!r} for the message bus'
    except (oslo_messaging.InvalidTransportURL, ValueError):
        reason = 'The URL of the message bus cannot be read'
    else:
        return
    raise exception.ConfigurationError(reason=f'{reason}; see {option}.')


class Bus(Generic[SenderT]):
    """Sends through a transport, which is made anew once sending failed.

    A refusal of the broker may leave a connection that never works again, and
    no driver says whether it did.

    :raises ConfigurationError: when the URL is of no use
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        make: Callable[[cfg.ConfigOpts], oslo_messaging.Transport],
        use: Callable[[oslo_messaging.Transport], SenderT],
        away: type[Exception],
    ) -> None:
        """Take how to make a transport, and what sends through one.

        :param away: raised when nothing can be sent
        """
        self._conf = conf
        self._make = make
        self._use = use
        self._away = away
        self._lock = threading.Lock()
        self._secrets = _secrets(conf)
        self._held: _Held[SenderT] | None = self._open()

    @property
    def transport(self) -> oslo_messaging.Transport:
        """The transport at present."""
        return self._hold().transport

    @contextlib.contextmanager
    def sending(self) -> Iterator[SenderT]:
        """Give what sends, for one message.

        Raises ``away`` when the broker is not there, or takes nothing like
        it at present. Any other error is raised as it is.
        """
        held = self._hold()
        try:
            yield held.sender
        except Exception as error:
            self._discard(held)
            reason = _why_away(error)
            if reason is None:
                raise _inner(error) from None
            raise self._away(self._hide(reason)) from error

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.transport.cleanup()

    def _hold(self) -> '_Held[SenderT]':
        with self._lock:
            if self._held is None:
                self._held = self._open()
            return self._held

    def _open(self) -> '_Held[SenderT]':
        transport = self._make(self._conf)
        return _Held(transport, self._use(transport))

    def _discard(self, held: '_Held[SenderT]') -> None:
        """Let the next message have another transport.

        To close this one may take as long as a broker says nothing.
        """
        with self._lock:
            if self._held is held:
                self._held = None
        # Without a thread for it, it is left open.
        with contextlib.suppress(RuntimeError):
            threading.Thread(
                target=held.transport.cleanup,
                name='aggext-bus-cleanup',
                daemon=True,
            ).start()

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, '***')
        return text


@dataclasses.dataclass(frozen=True, slots=True)
class _Held(Generic[SenderT]):
    """A transport, and what sends through it."""

    transport: oslo_messaging.Transport
    sender: SenderT


def _secrets(conf: cfg.ConfigOpts) -> list[str]:
    """Give the passwords of the URLs, the longest first."""
    found: set[str] = set()
    for url in (conf.transport_url, conf[NOTIFICATIONS].transport_url):
        # One that cannot be read is complained of by who needs it.
        with contextlib.suppress(
            ValueError, oslo_messaging.MessagingException
        ):
            hosts = oslo_messaging.TransportURL.parse(conf, url).hosts
            found.update(host.password for host in hosts if host.password)
    return sorted(found, key=len, reverse=True)


def _why_away(error: BaseException) -> str | None:
    """Say why nothing can be sent; None when this message is to blame.

    What is not known is held against the message: it would be waited for
    without end.
    """
    chain = list(_chain(error))
    for one in chain:
        code = getattr(one, 'reply_code', None)
        if isinstance(one, amqp.AMQPError) and code:
            about_message = code == _PRECONDITION and one.method == _PUBLISH
            known = code in _CODES and not about_message
            return f'the broker says: {one}' if known else None
    root = _inner(error)
    if isinstance(root, oslo_messaging.MessagingException):
        known = isinstance(root, _UNDELIVERED)
    else:
        known = any(isinstance(one, _UNREACHABLE) for one in chain)
    return f'no message bus ({type(root).__name__}: {root})' if known else None


def _inner(error: BaseException) -> BaseException:
    """Give what a driver wrapped into an error without its class."""
    while isinstance(error, oslo_messaging.MessageDeliveryFailure):
        if error.__context__ is None:
            break
        error = error.__context__
    return error


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
