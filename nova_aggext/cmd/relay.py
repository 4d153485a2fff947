# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-relay: delivers the outbox; any number may run."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

import prometheus_client
from oslo_config import cfg

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process
from nova_aggext.outbox import metrics


def main(arguments: Sequence[str] | None = None) -> int:
    """Deliver until SIGTERM or SIGINT."""
    args = _parser().parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        files = options.files(args)
        process.prepare(files)
        app = application.Application(aggext_conf.load(files))
    except (exception.AggextException, cfg.Error) as error:
        print(f'nova-aggext-relay: {error}', file=sys.stderr)
        return 1
    app.delivery.start()
    if args.metrics_port:
        registry = app.delivery.counters.registry
        registry.register(metrics.Waiting(app.database))
        prometheus_client.start_http_server(
            args.metrics_port, args.metrics_host, registry
        )
    stopped.wait()
    app.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='nova-aggext-relay',
        description='Deliver notifications, casts and placement memberships.',
    )
    options.add_configuration(parser, f'work on ./{dev.FOLDER}')
    parser.add_argument(
        '--metrics-port',
        type=int,
        metavar='PORT',
        help='serve Prometheus metrics there',
    )
    parser.add_argument(
        '--metrics-host',
        default='127.0.0.1',
        metavar='ADDRESS',
        help='on this address (%(default)s)',
    )
    return parser
