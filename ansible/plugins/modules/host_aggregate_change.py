#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""One change of many host aggregates."""

DOCUMENTATION = r"""
module: host_aggregate_change
short_description: Change many host aggregates at once, or undo a change
version_added: 0.1.0
author: nova-aggext developers (!UNKNOWN)
description:
  - Makes a change of aggregates and hosts as a whole or not at all. What is so
    already is no change.
  - The items are those of C(POST /os-aggext/changes). The server checks them.
options:
  aggregates:
    description:
      - What becomes of aggregates. The members of an item are the following.
      - C(aggregate), a mapping with an C(id), C(uuid) or C(name).
      - C(op), which is V(update), V(create) (with a C(name) and without
        C(aggregate)) or V(delete).
      - C(hosts) and C(metadata), mappings with C(add) and C(remove), or with
        C(set).
      - C(name), C(availability_zone), C(description), C(owner), C(protected).
      - C(if_match), the C(etag) that it must have.
    type: list
    elements: dict
  hosts:
    description: What becomes of hosts. An item has C(host), and in
      C(aggregates) references in C(add) and C(remove), or in C(set).
    type: list
    elements: dict
  revert:
    description: Id of the change that is undone.
    type: str
  change_id:
    description:
      - A UUID that the change gets. The change is made once. A task that
        repeats it changes nothing, whatever has become of the aggregates
        since; one that says something else fails.
      - To know of that, the rule C(aggext:changes:show) is needed.
    type: str
  strict:
    description: Fail where something to be added is there already, or where
      something to be removed is not.
    type: bool
  unknown_hosts:
    description: Refuse hosts that nobody knows, or skip them. The server
      refuses them if nothing is said.
    type: str
    choices: [refuse, skip]
  reason:
    description: Why, for the record.
    type: str
  expect_digest:
    description: The C(digest) of a plan, such as check mode returns. If the
      effects are others, nothing is changed.
    type: str
attributes:
  check_mode:
    support: full
    description: The server plans it, and refuses what it would refuse.
  diff_mode:
    support: full
    description: The effects that the server tells of.
extends_documentation_fragment:
  - aggext.openstack.cloud
seealso:
  - module: aggext.openstack.host_aggregates
"""

EXAMPLES = r"""
- name: Two pools
  aggext.openstack.host_aggregate_change:
    cloud: mycloud
    change_id: "{{ 'CHG-4710' | to_uuid }}"
    aggregates:
      - op: create
        name: bronze
        hosts: {add: ["cmp-c[001-020]"]}
      - op: create
        name: gold
        metadata: {add: {pool: gold}}

- name: Move hosts from one pool to the other, once
  aggext.openstack.host_aggregate_change:
    cloud: mycloud
    change_id: "{{ 'CHG-4711' | to_uuid }}"
    reason: CHG-4711
    strict: true
    aggregates:
      - aggregate: {name: bronze}
        hosts: {remove: ["cmp-c[017-020]"]}
      - aggregate: {name: gold}
        hosts: {add: ["cmp-c[017-020]"]}
  register: moved

- name: A host in exactly these aggregates
  aggext.openstack.host_aggregate_change:
    cloud: mycloud
    hosts:
      - host: cmp-c001
        aggregates: {set: [{name: gold}]}
  register: host

- name: Undo it
  aggext.openstack.host_aggregate_change:
    cloud: mycloud
    revert: "{{ host.change.id }}"
  when: host is changed
"""

RETURN = r"""
change:
  description: The change as the server told of it, or in check mode its plan.
  type: dict
  returned: success
  contains:
    id:
      description: Its id; null of a plan, and where nothing was to change.
      type: str
    digest:
      description: Of the effects, for O(expect_digest).
      type: str
    effects:
      description: What it does to each aggregate that changes.
      type: list
      elements: dict
    impact:
      description: What follows from it.
      type: dict
    warnings:
      description: What to think of.
      type: list
      elements: dict
errors:
  description: What the server refused, each with a C(code).
  type: list
  elements: dict
  returned: when the server refused it
"""

import contextlib
from typing import Any

from ansible.module_utils import basic
from ansible_collections.aggext.openstack.plugins.module_utils import clouds
from ansible_collections.aggext.openstack.plugins.module_utils import results

# Where it is missing, asking for the service tells of it.
with contextlib.suppress(ImportError):
    from osc_aggext.sdk import errors

_MEMBERS = (
    'aggregates',
    'hosts',
    'revert',
    'strict',
    'unknown_hosts',
    'reason',
    'expect_digest',
)


def main() -> None:
    """Run the task."""
    module = basic.AnsibleModule(
        argument_spec=clouds.spec(
            aggregates={'type': 'list', 'elements': 'dict'},
            hosts={'type': 'list', 'elements': 'dict'},
            revert={'type': 'str'},
            change_id={'type': 'str'},
            strict={'type': 'bool'},
            unknown_hosts={'type': 'str', 'choices': ['refuse', 'skip']},
            reason={'type': 'str'},
            expect_digest={'type': 'str'},
        ),
        mutually_exclusive=[('revert', 'aggregates'), ('revert', 'hosts')],
        required_one_of=[('aggregates', 'hosts', 'revert')],
        supports_check_mode=True,
    )
    with clouds.service(module) as service:
        found = _run(module, service)
    module.exit_json(**found)


def _run(module: clouds.Module, service: Any) -> dict[str, Any]:
    wanted = {
        name: module.params[name]
        for name in _MEMBERS
        if module.params[name] is not None
    }
    change_id = module.params['change_id']
    made = None if change_id is None else _made(service, change_id)
    if made is not None and module.check_mode:
        _require_same(service, wanted, change_id)
        return {'changed': False, 'change': dict(made.document)}
    call = service.plan_change if module.check_mode else service.make_change
    found = results.of(module, service, call(wanted, change_id=change_id))
    if made is not None:
        # It told what was done then.
        return {'changed': False, 'change': found['change']}
    return found


def _made(service: Any, change_id: str) -> Any:
    """Give the change that has this id, if there is one."""
    try:
        return service.change(change_id)
    except errors.NotFound:
        return None


def _require_same(service: Any, wanted: Any, change_id: str) -> None:
    """Fail where another change has the id; to plan this one again may not."""
    try:
        service.plan_change(wanted, change_id=change_id)
    except errors.Refused as error:
        if 'change.id_reused' in error.codes:
            raise


if __name__ == '__main__':
    main()
