# SPDX-License-Identifier: Apache-2.0
"""Ask for what must be refused, with openstacksdk.

Arguments: endpoint, name, host. Prints the exception of each call.
"""

from collections.abc import Callable
import json
import sys
from typing import Any

import openstack  # type: ignore[import-not-found,unused-ignore]
from openstack import exceptions

IMAGE = '155d900f-4e14-4e4c-a73d-069cbf4541e6'


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return the exception of a call, or nothing without one."""
    try:
        call(*args, **kwargs)
    except exceptions.HttpException as error:
        return {
            'class': type(error).__name__,
            'code': error.status_code,
            'details': error.details,
            'request_id': error.request_id,
        }
    return None


def errors(compute: Any, name: str, host: str) -> dict[str, Any]:
    """Return how each call was refused."""
    zone, create = f'{name}-zone', compute.create_aggregate
    add, remove = (
        compute.add_host_to_aggregate,
        compute.remove_host_from_aggregate,
    )
    one = create(name=name, availability_zone=zone).id
    two = create(name=f'{name}-2', availability_zone=f'{zone}-2').id
    add(one, host)
    images = compute.aggregate_precache_images
    return {
        'duplicate': refused(create, name=name),
        'missing': refused(compute.get_aggregate, 2**31 - 1),
        'not_a_number': refused(compute.get_aggregate, name),
        'unknown_host': refused(add, one, f'{name}-host'),
        'same_host': refused(add, one, host),
        'two_zones': refused(add, two, host),
        'no_such_member': refused(remove, two, host),
        'empty_zone': refused(
            compute.set_aggregate_metadata, one, {'availability_zone': ''}
        ),
        'not_empty': refused(compute.delete_aggregate, one),
        'empty_name': refused(create, name=''),
        'images': refused(images, two, IMAGE),
    }


def main(endpoint: str, name: str, host: str) -> None:
    """Print the report."""
    connection = openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type='none',
        endpoint=endpoint,
        compute_endpoint_override=endpoint,
    )
    print(json.dumps(errors(connection.compute, name, host)))


if __name__ == '__main__':
    main(*sys.argv[1:])
