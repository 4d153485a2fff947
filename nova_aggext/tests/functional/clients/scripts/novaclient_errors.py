# SPDX-License-Identifier: Apache-2.0
"""Ask for what must be refused, with python-novaclient.

Arguments: endpoint, name, host. Prints the exception of each call.
"""

from collections.abc import Callable
import json
import sys
from typing import Any

from keystoneauth1 import noauth
from keystoneauth1 import session
from novaclient import client  # type: ignore[import-not-found,unused-ignore]
from novaclient import exceptions

IMAGE = '155d900f-4e14-4e4c-a73d-069cbf4541e6'


def refused(call: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """Return the exception of a call, or an empty dict without one."""
    try:
        call(*arguments)
    except exceptions.ClientException as error:
        return {
            'class': type(error).__name__,
            'code': error.code,
            'message': error.message,
            'request_id': error.request_id,
        }
    return {}


def errors(nova: Any, name: str, host: str) -> dict[str, Any]:
    """Return how each call was refused."""
    aggregates = nova.aggregates
    aggregate = aggregates.create(name, f'{name}-zone')
    other = aggregates.create(f'{name}-other', f'{name}-other-zone')
    aggregate.add_host(host)
    return {
        'duplicate': refused(aggregates.create, name, None),
        'missing': refused(aggregates.get, 2**31 - 1),
        'unknown_host': refused(aggregate.add_host, f'{name}-host'),
        'same_host': refused(aggregate.add_host, host),
        'two_zones': refused(other.add_host, host),
        'no_such_member': refused(other.remove_host, host),
        'not_empty': refused(aggregate.delete),
        'empty_name': refused(aggregates.create, '', None),
        'images': refused(other.cache_images, [IMAGE]),
    }


def main(endpoint: str, name: str, host: str) -> None:
    """Print the report."""
    nova = client.Client(
        '2.81',
        session=session.Session(auth=noauth.NoAuth(endpoint=endpoint)),
        endpoint_override=endpoint,
    )
    print(json.dumps(errors(nova, name, host)))


if __name__ == '__main__':
    main(*sys.argv[1:])
