# SPDX-License-Identifier: Apache-2.0
"""The policy enforcer, owned by its application."""

import argparse
import dataclasses
import logging
import os
import pathlib
import sys
import threading
import time
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import MutableMapping
from typing import Any

import cachetools
from oslo_config import cfg
from oslo_policy import policy

from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import exception
from nova_aggext import policies

LOG = logging.getLogger(__name__)

# What oslo.policy raises for a file that is YAML, but no mapping of rules.
_NO_RULES = (AttributeError, TypeError)

# Seconds after which policy files are searched for that were not there, and
# those in directories looked at.
SEARCH_INTERVAL = 1.0

# Decisions that are remembered; each takes a kilobyte or two.
DECISIONS = 4096

# What differs when a file is not what it was; None when it is not there.
Stamp = tuple[int, int, int, int] | None


class Decisions:
    """Decisions by the same rules; those not used for longest are forgotten.

    To be used by any number of threads.
    """

    def __init__(self, most: int = DECISIONS) -> None:
        self._lock = threading.Lock()
        self._known: MutableMapping[Hashable, bool] = cachetools.LRUCache(most)

    def get(self, key: Hashable) -> bool | None:
        """Give what was decided, if it is known."""
        with self._lock:
            return self._known.get(key)

    def put(self, key: Hashable, may: bool) -> None:
        """Remember what was decided."""
        with self._lock:
            self._known[key] = may


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one moment; a request is decided by one such object.

    :ivar until: when to search for files again
    :ivar main: the file that is looked at on every request, if it is there
    :ivar stamps: all files that were found
    :ivar enforcer: knows the rules; None when they cannot be read
    :ivar fault: why they cannot be read
    :ivar remembers: whether the same question has the same answer
    :ivar looking: the rules whose answer depends on the target
    :ivar decisions: answers by these rules
    """

    until: float
    main: str | None = None
    stamps: Mapping[str, Stamp] = dataclasses.field(default_factory=dict)
    enforcer: policy.Enforcer | None = None
    fault: str = ''
    remembers: bool = False
    looking: frozenset[str] = frozenset()
    decisions: Decisions = dataclasses.field(default_factory=Decisions)

    def are_current(self) -> bool:
        """Say whether nothing calls for reading them again."""
        if time.monotonic() >= self.until:
            return False
        main = self.main
        return main is None or _stamp(main) == self.stamps[main]

    def authorize(
        self,
        rule: str,
        target: Mapping[str, Any],
        who: context.RequestContext,
    ) -> None:
        """Let pass who may do a thing.

        :param target: what is known of the thing, by the names that rules
            give it; the values are hashable
        :raises PolicyNotAuthorized: when the rule says no, or the token is of
            a scope that the rule does not serve
        :raises PolicyUnavailable: when there are no rules to decide by
        """
        if self.enforcer is None:
            raise exception.PolicyUnavailable()
        if not self._allow(self.enforcer, rule, target, who):
            raise exception.PolicyNotAuthorized(action=rule)

    def looks_at_target(self, rule: str) -> bool:
        """Say whether the answer of a rule depends on the target.

        Where it does not, one answer holds for all things.
        """
        return rule in self.looking

    def _allow(
        self,
        enforcer: policy.Enforcer,
        rule: str,
        target: Mapping[str, Any],
        who: context.RequestContext,
    ) -> bool:
        """Say whether somebody may do a thing.

        A decision costs more than anything else that is done before an
        aggregate is read, and comes out the same until the rules are read
        again, unless one asks another server.
        """
        if not self.remembers:
            return _decide(enforcer, rule, target, who)
        seen = tuple(target.items()) if rule in self.looking else ()
        key = (rule, seen, who.identity)
        may = self.decisions.get(key)
        if may is None:
            may = _decide(enforcer, rule, target, who)
            self.decisions.put(key, may)
        return may


class Enforcer:
    """Decides by the rules of one configuration.

    The rules are read again when a policy file changes, comes or goes: at
    once for that of ``[oslo_policy] policy_file``, within a second for
    others. While one cannot be read nobody may do anything.

    :param interval: seconds between two searches for files
    """

    def __init__(
        self, conf: cfg.ConfigOpts, interval: float = SEARCH_INTERVAL
    ) -> None:
        # Makes the options of oslo.policy known.
        self._conf = make(conf).conf
        self._interval = interval
        self._reading = threading.Lock()
        # Replaced as a whole: who has taken it decides by what it was.
        self._rules: Rules | None = None

    def rules(self) -> Rules:
        """Give the rules as they are now."""
        rules = self._rules
        if rules is None or not rules.are_current():
            return self._renewed()
        return rules

    def load(self) -> None:
        """Read the rules, and log what is wrong with them."""
        self._renewed()

    def check(self) -> None:
        """Read the rules.

        :raises ConfigurationError: when a file is there but cannot be read
        """
        fault = _read(self._conf, until=0.0).fault
        if fault:
            raise exception.ConfigurationError(
                reason=f'The policy cannot be read; see [oslo_policy]: {fault}'
            )

    def _renewed(self) -> Rules:
        """Read the rules, unless they are current; log what is new."""
        with self._reading:
            before = self._rules
            # Another thread may have read them meanwhile.
            if before is not None and before.are_current():
                return before
            until = time.monotonic() + self._interval
            self._rules = rules = _read(self._conf, until, before)
        _say(before, rules)
        return rules


class _Unreadable(Exception):
    """A policy file cannot be read; says which, and why."""


def _read(
    conf: cfg.ConfigOpts, until: float, before: Rules | None = None
) -> Rules:
    """Read the rules, unless the files are those of before.

    oslo.policy would take a file that cannot be opened just now for an empty
    one, which may allow more; it only sees what was read here.
    """
    main = conf.find_file(conf.oslo_policy.policy_file)
    stamps: dict[str, Stamp] = {}
    try:
        # Taken before the files are read: what changes then is seen later.
        stamps = {path: _stamp(path) for path in _files(conf, main)}
        if before and before.enforcer and before.stamps == stamps:
            return dataclasses.replace(before, until=until)
        enforcer = make(conf)
        enforcer.set_rules(_merged(enforcer, stamps))
    except _Unreadable as error:
        main = main if main in stamps else None
        return Rules(until, main, stamps, fault=str(error))
    enforcer.check_rules()
    return Rules(
        until,
        main,
        stamps,
        enforcer,
        remembers=all(map(_decides_alone, enforcer.rules.values())),
        looking=frozenset(
            name
            for name in enforcer.registered_rules
            if _looks_at_target(enforcer.rules[name], enforcer.rules, set())
        ),
    )


def _say(before: Rules | None, now: Rules) -> None:
    """Log that rules were read, or cannot be, where that is new."""
    if now.fault:
        if before is None or before.fault != now.fault:
            LOG.error(
                'The policy cannot be read; until it can, requests are '
                'answered with 503. See [oslo_policy]. %s',
                now.fault,
            )
    elif before is None or before.enforcer is not now.enforcer:
        files = ', '.join(now.stamps)
        LOG.info('The policy was read from: %s', files or 'no file')


def _files(conf: cfg.ConfigOpts, main: str | None) -> Iterator[str]:
    """Find the policy files, in the order in which they are read."""
    if main is not None:
        yield main
    for name in conf.oslo_policy.policy_dirs:
        folder = conf.find_file(name)
        if folder is not None:
            for file_name in _names(folder):
                yield os.path.join(folder, file_name)


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith('.') and not entry.is_dir()
            )
    except OSError as error:
        raise _Unreadable(f'{folder}: {error.strerror}') from error


def _stamp(path: str) -> Stamp:
    """Give what differs when a file is not what it was."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _merged(
    enforcer: policy.Enforcer, paths: Mapping[str, Stamp]
) -> dict[str, Any]:
    """Read the rules of files, later ones winning, over the defaults."""
    rules = {
        name: rule.check for name, rule in enforcer.registered_rules.items()
    }
    for path in paths:
        rules.update(_parsed(path))
    return rules


def _parsed(path: str) -> policy.Rules:
    try:
        return policy.Rules.load(pathlib.Path(path).read_bytes())
    except _NO_RULES as error:
        raise _Unreadable(f'{path}: no mapping of names to rules') from error
    except OSError as error:
        raise _Unreadable(f'{path}: {error.strerror}') from error
    except Exception as error:
        # Parsers stumble over all sorts of things; each must close.
        text = ' '.join(str(error).split())
        raise _Unreadable(f'{path}: {text}') from error


def _decide(
    enforcer: policy.Enforcer,
    rule: str,
    target: Mapping[str, Any],
    who: context.RequestContext,
) -> bool:
    try:
        return bool(enforcer.authorize(rule, dict(target), who))
    except policy.InvalidScope:
        return False


def _decides_alone(check: Any) -> bool:
    """Say whether a check looks at nothing but what it is given."""
    return _is_simple(check) and all(map(_decides_alone, _parts(check)))


def _looks_at_target(
    check: Any, rules: Mapping[str, Any], seen: set[str]
) -> bool:
    """Say whether a check looks at the target, or may do so.

    :param seen: rules that were looked at; more are added
    """
    if isinstance(check, policy.RuleCheck):
        name = check.match
        if name in seen:
            return False
        seen.add(name)
        try:
            return _looks_at_target(rules[name], rules, seen)
        except KeyError:
            # Nothing passes such a check.
            return False
    if not _is_simple(check) or '%(' in getattr(check, 'match', ''):
        return True
    return any(_looks_at_target(one, rules, seen) for one in _parts(check))


def _is_simple(check: Any) -> bool:
    """Say whether a check is not one that asks another server.

    Those, and those of other packages, are not in the module of the others.
    """
    return type(check).__module__ == policy.RuleCheck.__module__


def _parts(check: Any) -> list[Any]:
    """Give the checks that a check is made of."""
    parts = [*getattr(check, 'rules', ())]
    if hasattr(check, 'rule'):
        parts.append(check.rule)
    return parts


def make(conf: cfg.ConfigOpts) -> policy.Enforcer:
    """Make an enforcer of oslo.policy that knows the defaults."""
    enforcer = policy.Enforcer(conf)
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
