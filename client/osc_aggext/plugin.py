# SPDX-License-Identifier: Apache-2.0
"""What the ``openstack`` command loads at each start: nothing heavy."""

import argparse
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osc_aggext.sdk import proxy

DEFAULT_API_VERSION = '1'
API_VERSION_OPTION = 'os_aggext_api_version'
API_NAME = 'aggext'
# Whatever begins with one of these: the server says what else it has.
API_VERSIONS = ('1', '1.0')


def make_client(instance: Any) -> 'proxy.Proxy':
    """Give the service of a connection that the command made."""
    # The SDK is loaded only where a command is run that needs it.
    from osc_aggext.sdk import service  # noqa: PLC0415

    made = service.of(instance.sdk_connection)
    made.use_version(instance._api_version[API_NAME])
    return made


def build_option_parser(
    parser: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Add the global options."""
    parser.add_argument(
        '--os-aggext-api-version',
        metavar='<aggext-api-version>',
        default=os.environ.get('OS_AGGEXT_API_VERSION', ''),
        help=(
            'Version of the host aggregates API /os-aggext: 1 takes the '
            f'newest that both sides know, default={DEFAULT_API_VERSION} '
            '(Env: OS_AGGEXT_API_VERSION)'
        ),
    )
    return parser


def check_api_version(version: str) -> bool:
    """Leave it to the server which versions there are."""
    major, _, minor = version.partition('.')
    return major == '1' and (not minor or minor.isdecimal())
