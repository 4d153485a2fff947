# SPDX-License-Identifier: Apache-2.0
"""Policy rules under Nova's names, one file a noun."""

import itertools

from oslo_policy import policy

from nova_aggext.policies import aggregates
from nova_aggext.policies import base


def list_rules() -> list[policy.RuleDefault]:
    """Give every rule with its default, for the enforcer and generators."""
    return list(itertools.chain(base.list_rules(), aggregates.list_rules()))
