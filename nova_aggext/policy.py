# SPDX-License-Identifier: Apache-2.0
"""The policy enforcer, owned by its application."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from oslo_config import cfg
from oslo_policy import policy

from nova_aggext import context
from nova_aggext import exception
from nova_aggext import policies


# What oslo.policy raises for a file that is YAML, but no mapping of rules.
_NO_RULES = (AttributeError, TypeError)

# Seconds after which policy files are searched for that were not there, and
# those in directories looked at.
SEARCH_INTERVAL = 1.0


class Enforcer:
    """Decides by the rules of one configuration.

    The policy file is read again whenever it changes; one that was not there
    is found within a second.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._enforcer = make(conf)

    def authorize(
        self,
        rule: str,
        target: Mapping[str, Any],
        who: context.RequestContext,
    ) -> None:
        """Let pass who may do a thing.

        :raises PolicyNotAuthorized: when the rule says no, or the token is of
            a scope that the rule does not serve
        """
        try:
            allowed = self._enforcer.authorize(rule, dict(target), who)
        except policy.InvalidScope:
            allowed = False
        if not allowed:
            raise exception.PolicyNotAuthorized(action=rule)

    def check(self) -> None:
        """Read the policy file.

        :raises ConfigurationError: when it is there but cannot be read
        """
        try:
            self._enforcer.load_rules(force_reload=True)
        except (OSError, ValueError, cfg.Error, *_NO_RULES) as error:
            raise exception.ConfigurationError(
                reason=f'The policy cannot be read; see [oslo_policy]: {error}'
            ) from error

    def close(self) -> None:
        """Forget every rule."""
        self._enforcer.clear()


class _Enforcer(policy.Enforcer):
    """Searches for files now and then, not before each decision.

    Those that are not there are searched for in every directory of the
    configuration, which costs more than a decision.
    """

    _search_at = 0.0
    _seen: int | None = None

    def load_rules(self, force_reload: bool = False) -> None:
        """Read the policy file if it has changed; search once a second."""
        moment = time.monotonic()
        stamp = self._stamp()
        if force_reload or moment >= self._search_at or stamp != self._seen:
            super().load_rules(force_reload)
            self._seen = self._stamp()
            self._search_at = moment + SEARCH_INTERVAL

    def _stamp(self) -> int | None:
        """Give when the policy file was changed; None without one."""
        if not self.policy_path:
            return None
        try:
            return os.stat(self.policy_path).st_mtime_ns
        except OSError:
            return None


def make(conf: cfg.ConfigOpts) -> policy.Enforcer:
    """Make an oslo.policy enforcer that knows our rules."""
    enforcer = _Enforcer(conf)
    enforcer.suppress_default_change_warnings = True
    enforcer.register_defaults(policies.list_rules())
    return enforcer


def get_enforcer() -> policy.Enforcer:
    """Make the enforcer of the oslopolicy tools.

    They leave their own arguments in ``sys.argv``; only those of oslo.config
    are read.
    """
    conf = cfg.ConfigOpts()
    arguments = iter(sys.argv[1:])
    ours = []
    for argument in arguments:
        if argument.startswith('--config-'):
            ours.append(argument)
            if '=' not in argument:
                ours.append(next(arguments, ''))
    conf(ours, project='nova', default_config_files=[])
    return make(conf)
