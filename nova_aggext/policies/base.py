# SPDX-License-Identifier: Apache-2.0
"""Rules that other rules refer to, as Nova names them."""

from oslo_policy import policy

ADMIN = 'rule:context_is_admin'

# The rules that a policy.yaml written for Nova may refer to.
RULES = (
    policy.RuleDefault(
        'context_is_admin',
        'role:admin',
        'Decides what is required for the caller to be an administrator.',
    ),
    policy.RuleDefault(
        'admin_or_owner',
        'is_admin:True or project_id:%(project_id)s',
        'An administrator, or somebody of the project (deprecated in Nova).',
    ),
    policy.RuleDefault(
        'admin_api',
        'is_admin:True',
        'An administrator (deprecated in Nova).',
    ),
    policy.RuleDefault(
        'project_manager_api',
        'role:manager and project_id:%(project_id)s',
        'A manager of the project.',
    ),
    policy.RuleDefault(
        'project_member_api',
        'role:member and project_id:%(project_id)s',
        'A member of the project.',
    ),
    policy.RuleDefault(
        'project_reader_api',
        'role:reader and project_id:%(project_id)s',
        'A reader of the project.',
    ),
    policy.RuleDefault(
        'project_manager_or_admin',
        'rule:project_manager_api or rule:context_is_admin',
        'A manager of the project, or an administrator.',
    ),
    policy.RuleDefault(
        'project_member_or_admin',
        'rule:project_member_api or rule:context_is_admin',
        'A member of the project, or an administrator.',
    ),
    policy.RuleDefault(
        'project_reader_or_admin',
        'rule:project_reader_api or rule:context_is_admin',
        'A reader of the project, or an administrator.',
    ),
    policy.RuleDefault(
        'service_api',
        'role:service',
        'Another service of the cloud.',
    ),
)


def list_rules() -> tuple[policy.RuleDefault, ...]:
    """Give the base rules."""
    return RULES
