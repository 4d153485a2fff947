# SPDX-License-Identifier: Apache-2.0
"""Rules of host aggregates."""

from oslo_policy import policy

from nova_aggext.policies import base

ROOT = 'os_compute_api:os-aggregates:%s'
INDEX = ROOT % 'index'
CREATE = ROOT % 'create'
SHOW = ROOT % 'show'
UPDATE = ROOT % 'update'
DELETE = ROOT % 'delete'
ADD_HOST = ROOT % 'add_host'
REMOVE_HOST = ROOT % 'remove_host'
SET_METADATA = ROOT % 'set_metadata'
IMAGES = 'compute:aggregates:images'

COLLECTION = '/os-aggregates'
ITEM = '/os-aggregates/{aggregate_id}'
ACTION = '/os-aggregates/{aggregate_id}/action'


def _rule(
    name: str, description: str, method: str, path: str
) -> policy.DocumentedRuleDefault:
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=base.ADMIN,
        description=description,
        operations=[{'method': method, 'path': path}],
        scope_types=['project'],
    )


RULES = (
    _rule(INDEX, 'List all aggregates', 'GET', COLLECTION),
    _rule(CREATE, 'Create an aggregate', 'POST', COLLECTION),
    _rule(SHOW, 'Show the details of an aggregate', 'GET', ITEM),
    _rule(UPDATE, 'Update name or zone of an aggregate', 'PUT', ITEM),
    _rule(DELETE, 'Delete an aggregate', 'DELETE', ITEM),
    _rule(
        ADD_HOST, 'Add a host to an aggregate', 'POST', f'{ACTION} (add_host)'
    ),
    _rule(
        REMOVE_HOST,
        'Remove a host from an aggregate',
        'POST',
        f'{ACTION} (remove_host)',
    ),
    _rule(
        SET_METADATA,
        'Set or remove metadata of an aggregate',
        'POST',
        f'{ACTION} (set_metadata)',
    ),
    _rule(
        IMAGES,
        'Request that images be cached on the hosts of an aggregate',
        'POST',
        f'{ITEM}/images',
    ),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """Give the rules of aggregates."""
    return RULES
