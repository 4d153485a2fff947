# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-api: the standalone server in one process."""

import argparse
import logging
import sys
from collections.abc import Sequence

from nova_aggext import deploy
from nova_aggext import version
from nova_aggext.cmd import address
from nova_aggext.cmd import console
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd import process
from nova_aggext.cmd import report
from nova_aggext.cmd import readiness
from nova_aggext.cmd import serving
from nova_aggext.cmd import values

NAME = 'nova-aggext-api'
LOG = logging.getLogger(__name__)

LOOPBACK = '127.0.0.1'
# Each has a connection to the database.
MAX_THREADS = 1000

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    args = parser().parse_args(arguments)
    return console.guarded(NAME, lambda: _serve(args), debug=args.debug)


def _serve(args: argparse.Namespace) -> int:
    if args.dev and not address.is_loopback(args.host):
        console.say(NAME, '--dev serves loopback only')
        return console.USAGE
    sources = options.sources(args)
    process.prepare(*sources, chosen=options.log(args))
    listener = address.bind(args.host, args.port)
    application = deploy.load(*sources)
    server = serving.Server(application, listener, args.threads)
    server.obey_signals(lambda: report.write(deploy.serving()))
    server.run(lambda: _greet(args))
    return console.DONE


def _greet(args: argparse.Namespace) -> None:
    url = address.url(args.host, args.port)
    LOG.info('%s %s serves %s', NAME, version.release(), url)
    readiness.tell(f'serves {url}')
    if args.dev:
        print(_welcome(url), flush=True)


def _welcome(url: str) -> str:
    manage = dev.path_of('nova-aggext-manage', sys.argv[0])
    return _WELCOME.format(url=url, folder=dev.FOLDER, manage=manage)


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    made = argparse.ArgumentParser(
        prog=NAME,
        description="Serve Nova's host-aggregates API.",
    )
    options.add_configuration(
        made, f'serve a lab in ./{dev.FOLDER}: SQLite, no authentication'
    )
    options.add_log(made)
    made.add_argument(
        '--host',
        type=values.name,
        default=LOOPBACK,
        help='address to bind (%(default)s)',
    )
    made.add_argument(
        '--port',
        type=values.number(1, values.MAX_PORT),
        default=8774,
        help='port to bind (%(default)s)',
    )
    made.add_argument(
        '--threads',
        type=values.number(1, MAX_THREADS),
        default=8,
        metavar='N',
        help='requests served at a time (%(default)s)',
    )
    return made
