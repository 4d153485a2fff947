# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-api: the standalone server in one process tree."""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gunicorn.app import base

from nova_aggext import deploy
from nova_aggext import version
from nova_aggext.cmd import address
from nova_aggext.cmd import console
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process
from nova_aggext.cmd import values

if TYPE_CHECKING:
    from _typeshed import wsgi

NAME = 'nova-aggext-api'
LOG = logging.getLogger(__name__)

LOOPBACK = '127.0.0.1'
# Each has a connection to the database.
MAX_THREADS = 1000
# Seconds that requests in flight get after SIGTERM.
GRACE = 30

_WELCOME = """\
nova-aggext serves {url}/v2.1 to anyone on this machine.
  database and configuration: ./{folder}
  hosts: {manage} --dev host list
Try:
  curl {url}/v2.1/os-aggregates \\
    -H 'Content-Type: application/json' \\
    -d '{{"aggregate": {{"name": "rack1"}}}}'
  openstack --os-auth-type none --os-endpoint {url}/v2.1 \\
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
    return console.guarded(NAME, lambda: _serve(args), debug=args.debug)


def _serve(args: argparse.Namespace) -> int:
    if args.dev and not address.is_loopback(args.host):
        console.say(NAME, '--dev serves loopback only')
        return console.USAGE
    files = options.files(args)
    process.prepare(files, options.log(args))
    application = deploy.load(files)
    address.require_free(args.host, args.port)
    Server(application, _settings(args)).run()
    return console.DONE


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    url = address.url(args.host, args.port)

    def welcome(_arbiter: object) -> None:
        LOG.info('%s %s serves %s', NAME, version.release(), url)
        if args.dev:
            print(_welcome(url), flush=True)

    return {
        'when_ready': welcome,
        # In brackets gunicorn takes names and addresses of both families.
        'bind': f'[{args.host}]:{args.port}',
        'worker_class': 'gthread',
        'workers': 1,
        'threads': args.threads,
        'keepalive': 75,
        'graceful_timeout': GRACE,
        'proc_name': NAME,
        'loglevel': 'warning',
        # Its place is the same for all servers of a user.
        'control_socket_disable': True,
    }


def _welcome(url: str) -> str:
    manage = dev.path_of('nova-aggext-manage', sys.argv[0])
    return _WELCOME.format(url=url, folder=dev.FOLDER, manage=manage)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Serve Nova's host-aggregates API.",
    )
    options.add_configuration(
        parser, f'serve a lab in ./{dev.FOLDER}: SQLite, no authentication'
    )
    options.add_log(parser)
    parser.add_argument(
        '--host',
        type=values.name,
        default=LOOPBACK,
        help='address to bind (%(default)s)',
    )
    parser.add_argument(
        '--port',
        type=values.number(1, values.MAX_PORT),
        default=8774,
        help='port to bind (%(default)s)',
    )
    parser.add_argument(
        '--threads',
        type=values.number(1, MAX_THREADS),
        default=8,
        metavar='N',
        help='requests served at a time (%(default)s)',
    )
    return parser
