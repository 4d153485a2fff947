# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-relay: delivers the outbox; any number may run."""

import argparse
import logging
import signal
import threading
from collections.abc import Sequence

import prometheus_client

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import version
from nova_aggext.cmd import address
from nova_aggext.cmd import console
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process
from nova_aggext.cmd import values
from nova_aggext.outbox import metrics

NAME = 'nova-aggext-relay'
LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Deliver until SIGTERM or SIGINT."""
    args = _parser().parse_args(arguments)
    return console.guarded(NAME, lambda: _deliver(args), debug=args.debug)


def _deliver(args: argparse.Namespace) -> int:
    files = options.files(args)
    process.prepare(files, options.log(args))
    app = application.Application(aggext_conf.load(files))
    stopped = threading.Event()
    try:
        shown = _show_metrics(app, args)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        app.delivery.start()
        LOG.info('%s %s delivers; metrics: %s', NAME, version.release(), shown)
        stopped.wait()
    finally:
        app.close()
    return console.DONE


def _show_metrics(
    app: application.Application, args: argparse.Namespace
) -> str:
    """Serve them if that is wanted; say where."""
    if args.metrics_port is None:
        return 'none'
    address.require_free(args.metrics_host, args.metrics_port)
    registry = app.delivery.counters.registry
    registry.register(metrics.Waiting(app.database))
    prometheus_client.start_http_server(
        args.metrics_port, args.metrics_host, registry
    )
    return address.url(args.metrics_host, args.metrics_port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        description='Deliver notifications, casts and placement memberships.',
    )
    options.add_configuration(parser, f'work on ./{dev.FOLDER}')
    options.add_log(parser)
    parser.add_argument(
        '--metrics-port',
        type=values.number(1, values.MAX_PORT),
        metavar='PORT',
        help='serve Prometheus metrics there',
    )
    parser.add_argument(
        '--metrics-host',
        type=values.name,
        default='127.0.0.1',
        metavar='ADDRESS',
        help='on this address (%(default)s)',
    )
    return parser
