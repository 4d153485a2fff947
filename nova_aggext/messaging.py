# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging as Nova sets it up, on configuration of our own."""

import contextlib
from collections.abc import Iterator

import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

from nova_aggext import exception

# Nova's default for [DEFAULT] control_exchange.
EXCHANGE = 'nova'

# Sending fails at once where it cannot be done: the outbox tries again.
NO_RETRY = 0

RABBIT = 'oslo_messaging_rabbit'
NOTIFICATIONS = 'oslo_messaging_notifications'
# A topic without a queue: an exchange drops what is sent there.
_NOBODY = 'nova-aggext-status'
# A broker that says nothing any more is waited for at most twice as long as
# its heartbeat may stay out, and then connected to anew: all of that must
# have ended when the lease of who sends does.
_PARTS = 6


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


@contextlib.contextmanager
def saying_away(away: type[Exception]) -> Iterator[None]:
    """Raise ``away`` where the message bus cannot be reached.

    Drivers raise errors of their own and of the libraries beneath them. Only
    a content that cannot be written as JSON is not the fault of the bus.
    """
    try:
        yield
    except (TypeError, ValueError):
        raise
    except Exception as error:
        # The text may hold the URL with its password.
        raise away(f'no message bus ({type(error).__name__})') from error
