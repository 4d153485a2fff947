#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""What is wanted of many host aggregates."""

DOCUMENTATION = r"""
module: host_aggregates
short_description: Let host aggregates be as one manager wants them
version_added: 0.1.0
author: nova-aggext developers (!UNKNOWN)
description:
  - Applies what a manager wants of host aggregates, as a whole or not at all.
    The server remembers it, so that what is not wanted any more goes, and what
    another manager wants is not taken away.
  - The options are the members of the file of C(openstack aggregate apply);
    the same rules hold.
options:
  manager:
    description: Name of the manager that wants this.
    type: str
    required: true
  aggregates:
    description:
      - What is wanted of each aggregate, by name. What is not said is left to
        others. The members of an aggregate are the following.
      - C(hosts), a list of names, ranges such as V(cmp-a[001-040]), wildcards,
        and with V(!) before it, what is not meant.
      - C(availability_zone), C(description) and C(owner), each a text or null.
      - C(protected), a boolean; if it is true only its hosts may change.
      - C(metadata), a mapping of texts; null where a key must not be there.
      - C(tenants), a list of the projects that it is kept for.
      - C(exclusive), a list of V(hosts) and V(metadata), of which others are
        removed.
      - C(state), which is V(absent), with nothing beside it.
    type: dict
    required: true
  defaults:
    description: What holds for all aggregates.
    type: dict
    suboptions:
      unknown_hosts:
        description: Refuse hosts that nobody knows, or skip them until they
          are there. The server refuses them if nothing is said.
        type: str
        choices: [refuse, skip]
      on_drift:
        description: Overwrite what others changed since, or refuse to. The
          server overwrites it if nothing is said.
        type: str
        choices: [overwrite, refuse]
  description:
    description: What the manager is.
    type: str
  version:
    description: Version of the form of the file.
    type: int
    default: 1
  prune:
    description: Delete the aggregates that this manager made and does not
      name any more, where they are empty.
    type: bool
    default: false
  force:
    description: Take what other managers claim.
    type: bool
    default: false
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
  - module: aggext.openstack.host_aggregate_change
"""

EXAMPLES = r"""
- name: Two zones and a pool
  aggext.openstack.host_aggregates:
    cloud: mycloud
    manager: site
    reason: MR !318
    defaults:
      unknown_hosts: skip
    aggregates:
      az1:
        availability_zone: az1
        hosts: ["cmp-a[001-040]", "!cmp-a017"]
        exclusive: [hosts]
      az2:
        availability_zone: az2
        hosts: ["cmp-b[001-020]"]
        exclusive: [hosts]
      ssd:
        hosts: ["cmp-b*"]
        metadata:
          ssd: "true"
          hdd: null

- name: What a file of the openstack command says
  aggext.openstack.host_aggregates:
    cloud: mycloud
    manager: site
    defaults: "{{ site.defaults | default(omit) }}"
    aggregates: "{{ site.aggregates }}"
  vars:
    site: "{{ lookup('ansible.builtin.file', 'site.yaml') | from_yaml }}"
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

from typing import Any

from ansible.module_utils import basic
from ansible_collections.aggext.openstack.plugins.module_utils import clouds
from ansible_collections.aggext.openstack.plugins.module_utils import results
from ansible_collections.aggext.openstack.plugins.module_utils import sites

# Options that are members of the document, not of the file.
_ALSO = ('prune', 'force', 'reason', 'expect_digest')


def main() -> None:
    """Run the task."""
    module = basic.AnsibleModule(
        argument_spec=clouds.spec(
            manager={'type': 'str', 'required': True},
            aggregates={'type': 'dict', 'required': True},
            defaults={
                'type': 'dict',
                'options': {
                    'unknown_hosts': {
                        'type': 'str',
                        'choices': ['refuse', 'skip'],
                    },
                    'on_drift': {
                        'type': 'str',
                        'choices': ['overwrite', 'refuse'],
                    },
                },
            },
            description={'type': 'str'},
            version={'type': 'int', 'default': 1},
            prune={'type': 'bool', 'default': False},
            force={'type': 'bool', 'default': False},
            reason={'type': 'str'},
            expect_digest={'type': 'str'},
        ),
        supports_check_mode=True,
    )
    with clouds.service(module) as service:
        found = _run(module, service)
    module.exit_json(**found)


def _run(module: clouds.Module, service: Any) -> dict[str, Any]:
    document = sites.document(module, service)
    for name in _ALSO:
        if module.params[name] not in (None, False):
            document[name] = module.params[name]
    call = service.plan_manager if module.check_mode else service.apply_manager
    applied = call(module.params['manager'], document)
    return results.of(module, service, applied.change)


if __name__ == '__main__':
    main()
