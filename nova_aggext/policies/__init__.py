# SPDX-License-Identifier: Apache-2.0
"""Policy rules: Nova's under Nova's names, and ours; one file a noun."""

import itertools

from oslo_policy import policy

from nova_aggext.policies import aggregates
from nova_aggext.policies import base
from nova_aggext.policies import host_aggregate


def list_rules() -> list[policy.RuleDefault]:
    """Give every rule with its default, for the enforcer and generators."""
    return list(
        itertools.chain(
            base.list_rules(),
            aggregates.list_rules(),
            host_aggregate.list_rules(),
        )
    )
