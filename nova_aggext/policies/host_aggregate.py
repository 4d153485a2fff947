# SPDX-License-Identifier: Apache-2.0
"""Rules of the own API, ``/os-aggext``.

A role ``reader`` opens nothing: everybody who may see a project has it.
"""

from oslo_policy import policy

from nova_aggext.policies import base

READER = 'aggext_reader'

AGGREGATES_LIST = 'aggext:aggregates:list'
AGGREGATES_SHOW = 'aggext:aggregates:show'
ANNOTATE = 'aggext:aggregates:annotate'
PROTECT = 'aggext:aggregates:protect'
HOSTS_LIST = 'aggext:hosts:list'
HOSTS_SHOW = 'aggext:hosts:show'
CHANGES_LIST = 'aggext:changes:list'
CHANGES_SHOW = 'aggext:changes:show'
MANAGERS_LIST = 'aggext:managers:list'
MANAGERS_SHOW = 'aggext:managers:show'
MANAGERS_APPLY = 'aggext:managers:apply'
MANAGERS_FORCE = 'aggext:managers:force'
MANAGERS_DELETE = 'aggext:managers:delete'

_MANAGER = '/managers/{manager}'


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


def _change(name: str, description: str) -> policy.DocumentedRuleDefault:
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=base.ADMIN,
        description=description,
        operations=[
            {'method': 'POST', 'path': '/os-aggext/changes'},
            {'method': 'PUT', 'path': '/os-aggext/changes/{change}'},
            {'method': 'PUT', 'path': f'/os-aggext{_MANAGER}'},
        ],
        scope_types=['project'],
    )


def _manage(
    name: str, description: str, method: str
) -> policy.DocumentedRuleDefault:
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=base.ADMIN,
        description=description,
        operations=[{'method': method, 'path': f'/os-aggext{_MANAGER}'}],
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
    _change(ANNOTATE, 'Describe an aggregate'),
    _change(PROTECT, 'Protect an aggregate, or give it to a project'),
    _read(HOSTS_LIST, 'List hosts with their aggregates', '/hosts'),
    _read(HOSTS_SHOW, 'Show a host with its aggregates', '/hosts/{host}'),
    _read(CHANGES_LIST, 'List and follow changes', '/changes'),
    _read(CHANGES_SHOW, 'Show a change', '/changes/{change}'),
    _read(MANAGERS_LIST, 'List managers', '/managers'),
    _read(MANAGERS_SHOW, 'Show what a manager applied', _MANAGER),
    _manage(
        MANAGERS_APPLY,
        'Apply what a manager wants. What that does to aggregates is asked '
        'under the rules of Nova',
        'PUT',
    ),
    _manage(
        MANAGERS_FORCE,
        'Take from other managers what they claim otherwise',
        'PUT',
    ),
    _manage(MANAGERS_DELETE, 'Forget a manager and its claims', 'DELETE'),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """Give the rules of the own API."""
    return RULES
