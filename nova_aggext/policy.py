# SPDX-License-Identifier: Apache-2.0
"""The policy enforcer, owned by its application."""

import argparse
import os
import sys
import time
from collections.abc import Hashable
from collections.abc import Mapping
from typing import Any

from oslo_config import cfg
from oslo_policy import policy

from nova_aggext import conf as aggext_conf
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
        if not self._enforcer.decide(rule, target, who):
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
    """Searches for files now and then, and remembers what it decided.

    Files that are not there are searched for in every directory of the
    configuration, which costs more than a decision. That in turn costs more
    than anything else that is done before an aggregate is read, and comes out
    the same until the rules are read again, unless one asks another server.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__(conf)
        self._search_at = 0.0
        self._seen: int | None = None
        self._remembers = False
        self._decided: dict[Hashable, bool] = {}

    def decide(
        self,
        rule: str,
        target: Mapping[str, Any],
        who: context.RequestContext,
    ) -> bool:
        """Say whether somebody may do a thing."""
        self.load_rules()
        # Those who read the rules again leave another one.
        decided = self._decided
        if not self._remembers:
            return self._decide(rule, target, who)
        key = (rule, tuple(target.items()), who.identity)
        if key not in decided:
            decided[key] = self._decide(rule, target, who)
        return decided[key]

    def load_rules(self, force_reload: bool = False) -> None:
        """Read the policy file if it has changed; search once a second."""
        moment = time.monotonic()
        stamp = self._stamp()
        if force_reload or moment >= self._search_at or stamp != self._seen:
            super().load_rules(force_reload)
            self._remembers = all(map(_decides_alone, self.rules.values()))
            self._decided = {}
            self._seen = self._stamp()
            self._search_at = moment + SEARCH_INTERVAL

    def _decide(
        self,
        rule: str,
        target: Mapping[str, Any],
        who: context.RequestContext,
    ) -> bool:
        try:
            return bool(self.authorize(rule, dict(target), who))
        except policy.InvalidScope:
            return False

    def _stamp(self) -> int | None:
        """Give when the policy file was changed; None without one."""
        if not self.policy_path:
            return None
        try:
            return os.stat(self.policy_path).st_mtime_ns
        except OSError:
            return None


def _decides_alone(check: Any) -> bool:
    """Say whether a check looks at nothing but what it is given.

    Those that ask other servers, and those of other packages, are not in the
    module of the simple ones.
    """
    parts = [*getattr(check, 'rules', ())]
    if hasattr(check, 'rule'):
        parts.append(check.rule)
    simple = type(check).__module__ == policy.RuleCheck.__module__
    return simple and all(map(_decides_alone, parts))


def make(conf: cfg.ConfigOpts) -> _Enforcer:
    """Make an oslo.policy enforcer that knows our rules."""
    enforcer = _Enforcer(conf)
    enforcer.suppress_default_change_warnings = True
    enforcer.register_defaults(policies.list_rules())
    return enforcer


def get_enforcer() -> policy.Enforcer:
    """Make the enforcer of the oslopolicy tools.

    They leave their own arguments in ``sys.argv``; only those of oslo.config
    are read. Without them the configuration is that of the filter.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in ('--config-file', '--config-dir'):
        parser.add_argument(name, action='append', default=[])
    given, _others = parser.parse_known_args(sys.argv[1:])
    found = aggext_conf.find(os.environ, given.config_file, given.config_dir)
    return make(aggext_conf.load(*found, register=lambda conf: None))
