# SPDX-License-Identifier: Apache-2.0
"""Take an aggregate through its whole life with openstacksdk.

Arguments: endpoint, layer (proxy or cloud), name, host. Prints what each
call gave.
"""

import json
import sys
from typing import Any

import openstack  # type: ignore[import-not-found,unused-ignore]


def proxy(compute: Any, name: str, host: str) -> dict[str, Any]:
    """Return what each call of the proxy layer gave."""
    zone = f'{name}-zone'
    created = compute.create_aggregate(name=name, availability_zone=zone)
    # The calls change this object, and the answer to a later call shows.
    given = {'create': created.to_dict()}
    given['list'] = _only(compute.aggregates(), name).to_dict()
    given['get'] = compute.get_aggregate(created.id).to_dict()
    given['find'] = compute.find_aggregate(name).to_dict()
    changes = {'name': f'{name}-2', 'availability_zone': f'{zone}-2'}
    updated = compute.update_aggregate(created.id, **changes)
    given['update'] = updated.to_dict()
    metadata = {'ssd': 'true', 'tier': '1'}
    for call, wanted in ('set_metadata', metadata), ('unset', {'ssd': None}):
        changed = compute.set_aggregate_metadata(created.id, wanted)
        given[call] = changed.to_dict()
    added = compute.add_host_to_aggregate(created.id, host)
    given['add_host'] = added.to_dict()
    removed = compute.remove_host_from_aggregate(created.id, host)
    given['remove_host'] = removed.to_dict()
    compute.delete_aggregate(created.id, ignore_missing=False)
    left = compute.find_aggregate(f'{name}-2')
    return {**given, 'left': left and left.to_dict()}


def cloud(cloud: Any, name: str, host: str) -> dict[str, Any]:
    """Return what each call of the cloud layer gave."""
    zone, name2 = f'{name}-zone', f'{name}-2'
    created = cloud.create_aggregate(name, availability_zone=zone)
    given = {'create': created.to_dict()}
    given['list'] = _only(cloud.list_aggregates(), name).to_dict()
    given['get'] = cloud.get_aggregate(str(created.id)).to_dict()
    filters = {'availability_zone': zone}
    given['find'] = cloud.search_aggregates(name, filters)[0].to_dict()
    changes = {'name': name2, 'availability_zone': f'{zone}-2'}
    given['update'] = cloud.update_aggregate(name, **changes).to_dict()
    metadata = {'ssd': 'true', 'tier': '1'}
    for call, wanted in ('set_metadata', metadata), ('unset', {'ssd': None}):
        changed = cloud.set_aggregate_metadata(name2, wanted)
        given[call] = changed.to_dict()
    added = cloud.add_host_to_aggregate(name2, host)
    given['add_host'] = added.to_dict()
    removed = cloud.remove_host_from_aggregate(name2, host)
    given['remove_host'] = removed.to_dict()
    deleted = [cloud.delete_aggregate(name2) for _ in range(2)]
    left = cloud.get_aggregate(name2)
    return {**given, 'deleted': deleted, 'left': left and left.to_dict()}


def _only(aggregates: Any, name: str) -> Any:
    """Return the one aggregate of this name."""
    (found,) = [each for each in aggregates if each.name == name]
    return found


def main(endpoint: str, layer: str, name: str, host: str) -> None:
    """Print the report."""
    connection = openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type='none',
        endpoint=endpoint,
        compute_endpoint_override=endpoint,
    )
    if layer == 'proxy':
        report = proxy(connection.compute, name, host)
    else:
        report = cloud(connection, name, host)
    print(json.dumps(report))


if __name__ == '__main__':
    main(*sys.argv[1:])
