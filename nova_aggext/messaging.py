# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging as Nova sets it up, on configuration of our own."""

import contextlib
from collections.abc import Iterator

import oslo_messaging
from oslo_config import cfg
from oslo_messaging import opts

# Nova's default for [DEFAULT] control_exchange.
EXCHANGE = 'nova'

# Sending fails at once where it cannot be done: the outbox tries again.
NO_RETRY = 0


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known that every transport reads."""
    for group, options in opts.list_opts():
        conf.register_opts(options, group=group)
    conf.set_default('control_exchange', EXCHANGE)
    # Some releases of oslo.messaging declare it for the process-wide
    # configuration alone, but read it from the one they are given.
    for name in ('tracing', 'metrics'):
        option = cfg.BoolOpt(f'{name}_enabled', default=False)
        with contextlib.suppress(cfg.DuplicateOptError):
            conf.register_opt(option, group=f'oslo_messaging_{name}')


@contextlib.contextmanager
def saying_away(away: type[Exception]) -> Iterator[None]:
    """Raise ``away`` where the message bus cannot be reached."""
    try:
        yield
    except (oslo_messaging.MessageDeliveryFailure, OSError) as error:
        # The text may hold the URL with its password.
        raise away(f'no message bus ({type(error).__name__})') from error
