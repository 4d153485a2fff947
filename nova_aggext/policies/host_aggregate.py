# SPDX-License-Identifier: Apache-2.0
"""Rules of the own API, ``/os-aggext``.

A role ``reader`` opens nothing: everybody who may see a project has it.
"""

from oslo_policy import policy

from nova_aggext.policies import base

READER = 'aggext_reader'

AGGREGATES_LIST = 'aggext:aggregates:list'
AGGREGATES_SHOW = 'aggext:aggregates:show'
HOSTS_LIST = 'aggext:hosts:list'
HOSTS_SHOW = 'aggext:hosts:show'
CHANGES_LIST = 'aggext:changes:list'
CHANGES_SHOW = 'aggext:changes:show'


def _read(
    name: str, description: str, path: str
) -> policy.DocumentedRuleDefault:
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=f'rule:{READER}',
        description=description,
        operations=[{'method': 'GET', 'path': f'/os-aggext{path}'}],
        scope_types=['project'],
    )


RULES = (
    policy.RuleDefault(
        READER,
        f'{base.ADMIN} or role:host_aggregate_reader',
        'Somebody who may see all host aggregates, hosts and changes.',
    ),
    _read(AGGREGATES_LIST, 'List and search aggregates', '/aggregates'),
    _read(AGGREGATES_SHOW, 'Show an aggregate', '/aggregates/{aggregate}'),
    _read(HOSTS_LIST, 'List hosts with their aggregates', '/hosts'),
    _read(HOSTS_SHOW, 'Show a host with its aggregates', '/hosts/{host}'),
    _read(CHANGES_LIST, 'List and follow changes', '/changes'),
    _read(CHANGES_SHOW, 'Show a change', '/changes/{change}'),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """Give the rules of the own API."""
    return RULES
