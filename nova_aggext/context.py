# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may do."""

import datetime
import functools
import json
import types
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from oslo_context import context

from nova_aggext import exception

if TYPE_CHECKING:
    from _typeshed import wsgi


class Rules(Protocol):
    """The policy of one moment."""

    def authorize(
        self, rule: str, target: Mapping[str, Any], who: 'RequestContext'
    ) -> None:
        """Let pass who may do a thing.

        :raises PolicyNotAuthorized: when the rule says no
        """

    def looks_at_target(self, rule: str) -> bool:
        """Say whether the answer of a rule depends on the target."""


class Unrestricted:
    """The rules of who may do everything."""

    def authorize(
        self, rule: str, target: Mapping[str, Any], who: 'RequestContext'
    ) -> None:
        """Let pass."""

    def looks_at_target(self, rule: str) -> bool:
        """Say no."""
        return False


# The target of which nothing is known.
NOTHING: Mapping[str, Any] = types.MappingProxyType({})

# The services that Nova's own services call with a caller's token.
CATALOG_TYPES = (
    'accelerator',
    'block-storage',
    'block-store',
    'image',
    'key-manager',
    'network',
    'placement',
    'shared-file-system',
    'volume',
    'volumev3',
)


class RequestContext(context.RequestContext):
    """The identity of a caller, with the policy that applies to it.

    The policy is that of the moment when it was first asked: rules that are
    read anew meanwhile decide of the requests that come after.

    Never stored in the thread: inside nova-api that place is Nova's.

    :ivar timestamp: when the request came, in UTC
    :ivar remote_address: where it came from
    """

    def __init__(
        self,
        *,
        policy: Callable[[], Rules],
        remote_address: str | None = None,
        catalog: str | None = None,
        **kwargs: Any,
    ) -> None:
        # None: the policy tells, when somebody asks.
        super().__init__(overwrite=False, is_admin=None, **kwargs)
        self._policy = policy
        self._catalog = catalog
        self.remote_address = remote_address
        moment = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        self.timestamp = moment.isoformat(timespec='microseconds')

    def update_store(self) -> None:
        """Leave the context of the thread alone."""

    @classmethod
    def of_request(
        cls, environ: 'wsgi.WSGIEnvironment', policy: Callable[[], Rules]
    ) -> 'RequestContext':
        """Make the context of a request from the headers of its identity."""
        made: RequestContext = cls.from_environ(
            environ,
            policy=policy,
            remote_address=environ.get('REMOTE_ADDR'),
            catalog=environ.get('HTTP_X_SERVICE_CATALOG'),
        )
        return made

    @property
    def service_catalog(self) -> list[Any]:
        """The part of the caller's catalog that Nova's services use."""
        try:
            services = json.loads(self._catalog or '[]')
        except ValueError:
            return []
        if not isinstance(services, list):
            return []
        return [
            one
            for one in services
            if isinstance(one, dict) and one.get('type') in CATALOG_TYPES
        ]

    def can(self, rule: str, target: Mapping[str, Any] = NOTHING) -> None:
        """Ask the policy whether the caller may do a thing.

        :param target: what is known of the thing, such as the ``project_id``
            that it belongs to. None counts as not known: for oslo.policy it
            would be the project of whoever has none
        :raises PolicyNotAuthorized: when not
        """
        known = {key: one for key, one in target.items() if one is not None}
        self._rules.authorize(rule, known, self)

    def looks_at_target(self, rule: str) -> bool:
        """Say whether what ``can`` answers depends on the target."""
        return self._rules.looks_at_target(rule)

    def check_is_admin(self) -> bool:
        """Ask the policy whether the caller is an administrator."""
        # The rule itself may look at it.
        self.is_admin = False
        target = {'project_id': self.project_id, 'user_id': self.user_id}
        try:
            self._rules.authorize('context_is_admin', target, self)
        except exception.Forbidden:
            return False
        return True

    @functools.cached_property
    def _rules(self) -> Rules:
        return self._policy()

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """All that rules can look at, by which their decisions differ."""
        return (self._is_admin, *self._told)

    @functools.cached_property
    def _told(self) -> tuple[Hashable, ...]:
        """What the headers told of that; it does not change."""
        values = super().to_policy_values()
        return tuple(
            tuple(value) if isinstance(value, list) else value
            for value in values.values()
        )

    def to_policy_values(self) -> Any:
        """Give what rules can look at."""
        values = super().to_policy_values()
        values['is_admin'] = self.is_admin
        return values
