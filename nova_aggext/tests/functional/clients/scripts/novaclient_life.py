# SPDX-License-Identifier: Apache-2.0
"""Take an aggregate through its whole life with python-novaclient.

Arguments: endpoint, microversion, name, host. Prints what each call gave.
"""

import json
import sys
from typing import Any

from keystoneauth1 import noauth
from keystoneauth1 import session
from novaclient import client  # type: ignore[import-not-found,unused-ignore]


def life(nova: Any, name: str, host: str) -> dict[str, Any]:
    """Return what each call gave, by the name of the call."""
    aggregates = nova.aggregates
    created = aggregates.create(name, f'{name}-zone')
    given = {'create': created}
    given['list'] = aggregates.find(name=name)
    given['get'] = aggregates.get(created)
    renamed = {'name': f'{name}-2', 'availability_zone': f'{name}-zone-2'}
    given['update'] = aggregates.update(created, renamed)
    given['set_metadata'] = created.set_metadata({'ssd': 'true', 'tier': '1'})
    given['unset'] = created.set_metadata({'ssd': None})
    given['add_host'] = created.add_host(host)
    given['remove_host'] = created.remove_host(host)
    deleted = created.delete()
    return {
        **{call: aggregate.to_dict() for call, aggregate in given.items()},
        'request_ids': [*created.request_ids, *deleted.request_ids],
        'left': [each.id for each in aggregates.list() if each == created],
    }


def main(endpoint: str, version: str, name: str, host: str) -> None:
    """Print the report."""
    nova = client.Client(
        version,
        session=session.Session(auth=noauth.NoAuth(endpoint=endpoint)),
        endpoint_override=endpoint,
    )
    print(json.dumps(life(nova, name, host)))


if __name__ == '__main__':
    main(*sys.argv[1:])
