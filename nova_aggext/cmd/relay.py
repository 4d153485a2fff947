# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-relay: delivers the outbox; any number may run."""

import argparse
import contextlib
import functools
import logging
from collections.abc import Sequence

import prometheus_client

from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext import version
from nova_aggext.cmd import address
from nova_aggext.cmd import console
from nova_aggext.cmd import delivering
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process
from nova_aggext.cmd import readiness
from nova_aggext.cmd import signals
from nova_aggext.cmd import values
from nova_aggext.metrics import meters as metrics_meters

NAME = 'nova-aggext-relay'
LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Deliver until SIGTERM or SIGINT."""
    args = parser().parse_args(arguments)
    return console.guarded(NAME, lambda: _deliver(args), debug=args.debug)


def _deliver(args: argparse.Namespace) -> int:
    if args.metrics_port is not None:
        address.require_free(args.metrics_host, args.metrics_port)
    deliverer = delivering.Deliverer(functools.partial(_make, args))
    with contextlib.closing(deliverer):
        shown = _show_metrics(deliverer, args)
        asked = signals.Signals()
        LOG.info('%s %s delivers; metrics: %s', NAME, version.release(), shown)
        readiness.tell(f'delivers; metrics: {shown}')
        deliverer.run(asked)
    return console.DONE


def _make(
    args: argparse.Namespace, meters: metrics_meters.Meters
) -> services.Services:
    """Make what delivers, of the configuration as it is now; log anew."""
    sources = options.sources(args)
    process.prepare(*sources, chosen=options.log(args))
    made = services.Services(aggext_conf.load(*sources), meters)
    made.log_sources()
    return made


def _show_metrics(
    deliverer: delivering.Deliverer, args: argparse.Namespace
) -> str:
    """Serve them if that is wanted; say where."""
    if args.metrics_port is None:
        return 'none'
    registry = prometheus_client.CollectorRegistry()
    registry.register(deliverer)
    prometheus_client.start_http_server(
        args.metrics_port, args.metrics_host, registry
    )
    return address.url(args.metrics_host, args.metrics_port)


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    made = argparse.ArgumentParser(
        prog=NAME,
        description='Deliver notifications, casts and placement memberships.',
    )
    options.add_configuration(made, f'work on ./{dev.FOLDER}')
    options.add_log(made)
    made.add_argument(
        '--metrics-port',
        type=values.number(1, values.MAX_PORT),
        metavar='PORT',
        help='serve Prometheus metrics there',
    )
    made.add_argument(
        '--metrics-host',
        type=values.name,
        default='127.0.0.1',
        metavar='ADDRESS',
        help='on this address (%(default)s)',
    )
    return made
