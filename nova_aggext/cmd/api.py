# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-api: the standalone server in one process tree."""

import argparse
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gunicorn.app import base
from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process

if TYPE_CHECKING:
    from _typeshed import wsgi

LOOPBACK = '127.0.0.1'
# Seconds that requests in flight get after SIGTERM.
GRACE = 30

_WELCOME = """\
nova-aggext serves http://{host}:{port}/v2.1 to anyone on this machine.
  database and configuration: ./{folder}
  hosts: nova-aggext-manage --dev host list
Try:
  curl http://{host}:{port}/v2.1/os-aggregates \\
    -H 'Content-Type: application/json' \\
    -d '{{"aggregate": {{"name": "rack1"}}}}'
  openstack --os-auth-type none --os-endpoint http://{host}:{port}/v2.1 \\
    aggregate list
"""


class Server(base.BaseApplication):  # type: ignore[misc]
    """Gunicorn with one worker of threads, around an application."""

    def __init__(
        self, application: 'wsgi.WSGIApplication', settings: dict[str, Any]
    ) -> None:
        self.application = application
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take the settings; gunicorn's own command line is not read."""
        for name, value in self.settings.items():
            # Older releases lack some of them.
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> 'wsgi.WSGIApplication':
        """Give the application, which was made before the worker forked."""
        return self.application


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    args = _parser().parse_args(arguments)
    if args.dev and args.host != LOOPBACK:
        print('nova-aggext-api: --dev serves loopback only', file=sys.stderr)
        return 2
    try:
        files = options.files(args)
        process.prepare(files)
        application = deploy.load(files)
        _require_free(args.host, args.port)
    except (exception.AggextException, cfg.Error) as error:
        print(f'nova-aggext-api: {error}', file=sys.stderr)
        return 1
    Server(application, _settings(args)).run()
    return 0


def _require_free(host: str, port: int) -> None:
    """Refuse a port in use at once; gunicorn would try it for seconds."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise exception.ConfigurationError(
            reason=f'Cannot serve {host}:{port}: {error}'
        ) from error


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    def welcome(_arbiter: object) -> None:
        if args.dev:
            text = _WELCOME.format(
                host=args.host, port=args.port, folder=dev.FOLDER
            )
            print(text, flush=True)

    return {
        'when_ready': welcome,
        # In brackets gunicorn takes names and addresses of both families.
        'bind': f'[{args.host}]:{args.port}',
        'worker_class': 'gthread',
        'workers': 1,
        'threads': args.threads,
        'keepalive': 75,
        'graceful_timeout': GRACE,
        'proc_name': 'nova-aggext-api',
        'loglevel': 'warning',
        # Its place is the same for all servers of a user.
        'control_socket_disable': True,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='nova-aggext-api',
        description="Serve Nova's host-aggregates API.",
    )
    options.add_configuration(
        parser, f'serve a lab in ./{dev.FOLDER}: SQLite, no authentication'
    )
    parser.add_argument('--host', default=LOOPBACK, help='address to bind')
    parser.add_argument('--port', type=int, default=8774)
    parser.add_argument('--threads', type=int, default=8, metavar='N')
    return parser
