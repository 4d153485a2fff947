# SPDX-License-Identifier: Apache-2.0
"""Placement over HTTP, as far as memberships need it."""

import contextlib
import dataclasses
import time
from collections.abc import Collection
from collections.abc import Iterator
from typing import Any

from keystoneauth1 import exceptions as ks_exc
from keystoneauth1 import loading
from oslo_config import cfg

from nova_aggext import exception
from nova_aggext.outbox import types
from nova_aggext.placement import connections

GROUP = 'placement'
# The version that knows the generation of a provider's aggregates.
MICROVERSION = '1.19'
# Seconds for one answer where [placement] timeout says nothing.
TIMEOUT = 10.0

_JSON = 'application/json'

# Answers that are about placement, not about this request.
_AWAY = frozenset((401, 403, 406, 408, 429))
# Placement says with each answer in which version it gives it. What stands in
# front of it while it is away does not, whatever it answers.
_VERSION = 'openstack-api-version'
_OWN = 'placement '
# What reading raises that finds something else than it looks for.
_OF_ANOTHER_SHAPE = (
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """In whose name placement is called, and how long that may take.

    :ivar until: the moment of ``time.monotonic`` to give up at, if any
    """

    id: str | None
    until: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """The aggregates of a provider, in one generation of it."""

    provider: str
    aggregates: frozenset[str]
    generation: int


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options of keystoneauth known in the group."""
    loading.register_session_conf_options(conf, GROUP)
    loading.register_auth_conf_options(conf, GROUP)
    loading.register_adapter_conf_options(conf, GROUP)
    conf.set_default('service_type', 'placement', group=GROUP)
    conf.set_default('valid_interfaces', ['internal', 'public'], group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Give the options of keystoneauth, for the sample generator."""
    return [
        (
            GROUP,
            [
                *loading.get_session_conf_options(),
                *loading.get_auth_common_conf_options(),
                *loading.get_auth_plugin_conf_options('password'),
                *loading.get_adapter_conf_options(include_deprecated=False),
            ],
        )
    ]


class Placement:
    """A client; safe for threads.

    :raises ConfigurationError: when it is not configured how to log in
    :raises types.Away: from every call, when placement does not answer or
        does not let us in
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        register(conf)
        auth = _load_auth(conf)
        session = loading.load_session_from_conf_options(
            conf, GROUP, auth=auth
        )
        connections.spare(session)
        self._timeout = float(conf[GROUP].timeout or TIMEOUT)
        # What the session does by itself, such as to get a token.
        session.timeout = self._timeout
        self._session = session
        self._adapter = loading.load_adapter_from_conf_options(
            conf, GROUP, session=session, raise_exc=False
        )

    def find_provider(self, name: str, request: Request) -> str | None:
        """Give the uuid of the provider of a name, if there is one."""
        answer = self._call(
            'GET', '/resource_providers', request, params={'name': name}
        )
        if answer.status_code != 200:
            # The list is always there, unless something else answers.
            raise types.Away(f'placement answers {answer.status_code}')
        found = _providers(answer)
        return found[0][0] if found else None

    def members(self, aggregate: str) -> list[tuple[str, str]]:
        """Give uuid and name of each provider in an aggregate."""
        answer = self._call(
            'GET',
            '/resource_providers',
            Request(id=None, until=None),
            params={'member_of': aggregate},
        )
        return _providers(answer)

    def get(self, provider: str, request: Request) -> Membership | None:
        """Give the memberships of a provider; None where there is none."""
        answer = self._call('GET', _path(provider), request)
        if answer.status_code == 404:
            return None
        return _membership(provider, answer)

    def put(
        self,
        present: Membership,
        aggregates: Collection[str],
        request: Request,
    ) -> Membership | None:
        """Set the memberships of a provider; give them as they are then.

        None when it is not any more as it was ``present``.
        """
        body = {
            'aggregates': sorted(aggregates),
            'resource_provider_generation': present.generation,
        }
        path = _path(present.provider)
        answer = self._call('PUT', path, request, json=body)
        if answer.status_code in (404, 409):
            return None
        return _membership(present.provider, answer)

    def _call(
        self, method: str, path: str, request: Request, **content: Any
    ) -> Any:
        self._log_in()
        try:
            answer = self._adapter.request(
                path,
                method,
                microversion=MICROVERSION,
                headers={'Accept': _JSON},
                global_request_id=request.id,
                timeout=self._seconds(request.until),
                connect_retries=0,
                **content,
            )
        except ks_exc.UnknownConnectionError as error:
            if isinstance(error.original, ValueError):
                # The request cannot be sent, wherever to.
                raise error.original from error
            raise _no_answer(error) from error
        except ks_exc.ClientException as error:
            raise _no_answer(error) from error
        status = answer.status_code
        if status in _AWAY or status >= 500 or 300 <= status < 400:
            raise types.Away(f'placement answers {status}')
        if not answer.headers.get(_VERSION, '').startswith(_OWN):
            raise types.Away(
                f'something else answers for placement: {status} without '
                f'{_VERSION}'
            )
        if status >= 400 and status not in (404, 409):
            raise ValueError(f'Placement refuses {method} {path}: {status}')
        return answer

    def _log_in(self) -> None:
        """Have a token, from whoever gives it.

        :raises Away: when there is none, or what came is none
        """
        try:
            self._session.get_auth_headers()
        except ks_exc.ClientException as error:
            raise _no_answer(error) from error
        except _OF_ANOTHER_SHAPE as error:
            raise types.Away(
                f'something else answers for Keystone: {type(error).__name__}'
            ) from error

    def _seconds(self, until: float | None) -> float:
        if until is None:
            return self._timeout
        left = until - time.monotonic()
        if left <= 0:
            raise types.TryAgain('no time left for placement')
        return min(left, self._timeout)


def _load_auth(conf: cfg.ConfigOpts) -> Any:
    """Load what logs in.

    :raises ConfigurationError: when that is not configured
    """
    try:
        auth = loading.load_auth_from_conf_options(conf, GROUP)
    except ks_exc.AuthPluginException as error:
        raise exception.ConfigurationError(
            reason=f'Placement cannot be called: {error}; see [{GROUP}] '
            'auth_type.'
        ) from error
    if auth is None:
        section = conf[GROUP].auth_section
        raise exception.ConfigurationError(
            reason=f'Placement cannot be called: there is no [{section}] '
            f'auth_type; see [{GROUP}] auth_section.'
        )
    return auth


def _providers(answer: Any) -> list[tuple[str, str]]:
    """Read uuids and names of providers.

    :raises Away: when it is not placement that answers
    """
    with _of_placement(answer):
        found = answer.json()['resource_providers']
        return [(str(one['uuid']), str(one['name'])) for one in found]


def _membership(provider: str, answer: Any) -> Membership:
    """Read the memberships of a provider.

    :raises Away: when it is not placement that answers
    """
    with _of_placement(answer):
        content = answer.json()
        aggregates = content['aggregates']
        if not isinstance(aggregates, list) or not all(
            isinstance(one, str) for one in aggregates
        ):
            raise TypeError('no list of uuids')
        return Membership(
            provider,
            frozenset(aggregates),
            int(content['resource_provider_generation']),
        )


@contextlib.contextmanager
def _of_placement(answer: Any) -> Iterator[None]:
    """Read an answer, which placement gives in one shape only."""
    try:
        yield
    except _OF_ANOTHER_SHAPE as error:
        raise types.Away(
            f'something else answers for placement: {answer.status_code} with '
            f'a body that is not its own ({type(error).__name__})'
        ) from error


def _no_answer(error: Exception) -> types.Away:
    """Make what says that nobody answers.

    The text of the error holds the internal URL.
    """
    return types.Away(f'no placement: {type(error).__name__}')


def _path(provider: str) -> str:
    return f'/resource_providers/{provider}/aggregates'
