#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Host aggregates and hosts, as a server shows them."""

DOCUMENTATION = r"""
module: host_aggregate_info
short_description: List host aggregates, or hosts with their aggregates
version_added: 0.1.0
author: nova-aggext developers (!UNKNOWN)
description:
  - Lists aggregates, or compute hosts, also those in no aggregate. The server
    filters and sorts.
options:
  resource:
    description: What is listed.
    type: str
    choices: [aggregates, hosts]
    default: aggregates
  filters:
    description:
      - Query parameters of C(GET /os-aggext/aggregates) or
        C(GET /os-aggext/hosts), all of which must hold. A value is a text, a
        number, a boolean, null, or a list of these.
      - Texts may begin with an operator, such as V(glob:rack-*), V(in:a,b) or
        V(neq:a).
    type: dict
    default: {}
  sort:
    description: Keys with directions, such as V(name,host_count:desc).
    type: str
  fields:
    description: What is told of each. Without it, all but what costs more,
      such as C(claims) of aggregates and C(instances) of hosts.
    type: list
    elements: str
  limit:
    description: How many are told at most; without it all.
    type: int
attributes:
  check_mode:
    support: full
    description: It changes nothing.
  diff_mode:
    support: none
    description: It changes nothing.
extends_documentation_fragment:
  - aggext.openstack.cloud
"""

EXAMPLES = r"""
- name: Aggregates of a zone with solid-state disks
  aggext.openstack.host_aggregate_info:
    cloud: mycloud
    filters:
      availability_zone: az1
      metadata.ssd: "true"

- name: Names of aggregates without a zone, the largest first
  aggext.openstack.host_aggregate_info:
    cloud: mycloud
    filters:
      availability_zone: null
    sort: host_count:desc
    fields: [name, host_count]

- name: Hosts in no aggregate
  aggext.openstack.host_aggregate_info:
    cloud: mycloud
    resource: hosts
    filters:
      aggregate: null
"""

RETURN = r"""
aggregates:
  description: The aggregates, as the server shows them.
  type: list
  elements: dict
  returned: if O(resource) is V(aggregates)
hosts:
  description: The hosts, as the server shows them.
  type: list
  elements: dict
  returned: if O(resource) is V(hosts)
errors:
  description: What the server refused, each with a C(code).
  type: list
  elements: dict
  returned: when the server refused it
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from ansible.module_utils import basic
from ansible_collections.aggext.openstack.plugins.module_utils import clouds

# Where it is missing, asking for the service tells of it.
with contextlib.suppress(ImportError):
    from osc_aggext.sdk import reading


def main() -> None:
    """Run the task."""
    module = basic.AnsibleModule(
        argument_spec=clouds.spec(
            resource={
                'type': 'str',
                'choices': ['aggregates', 'hosts'],
                'default': 'aggregates',
            },
            filters={'type': 'dict', 'default': {}},
            sort={'type': 'str'},
            fields={'type': 'list', 'elements': 'str'},
            limit={'type': 'int'},
        ),
        supports_check_mode=True,
    )
    resource = module.params['resource']
    with clouds.service(module) as service:
        found = reading.listing(
            service,
            f'/{resource}',
            resource,
            dict,
            _query(module.params),
            module.params['limit'],
        )
        shown = list(found)
    module.exit_json(changed=False, **{resource: shown})


def _query(params: Mapping[str, Any]) -> dict[str, str | list[str]]:
    query: dict[str, str | list[str]] = {}
    for name, value in params['filters'].items():
        is_list = isinstance(value, list)
        query[name] = list(map(_text, value)) if is_list else _text(value)
    if params['sort'] is not None:
        query['sort'] = params['sort']
    if params['fields'] is not None:
        query['fields'] = ','.join(params['fields'])
    return query


def _text(value: Any) -> str:
    """Write a value of a filter as the server reads it."""
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


if __name__ == '__main__':
    main()
