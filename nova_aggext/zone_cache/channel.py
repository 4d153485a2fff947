# SPDX-License-Identifier: Apache-2.0
"""Purges what Nova cached of the zones of hosts (SIDE_EFFECTS, section 6)."""

import uuid
from collections.abc import Iterator
from typing import Any

from oslo_cache import core
from oslo_cache import exception as cache_exc
from oslo_cache import exception as oslo_exception
from oslo_config import cfg

from nova_aggext import exception
from nova_aggext import extras
from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

KIND = 'zone_cache'
PREFIX = 'azcache-'

# What the clients of memcached, Redis and etcd raise that cannot reach it, or
# that it refuses for now.
_AWAY = frozenset(
    (
        'ConnectionError',
        'ConnectionFailedError',
        'ConnectionTimeoutError',
        'MemcacheServerError',
        'MemcacheUnexpectedCloseError',
        'ReadOnlyError',
        'OutOfMemoryError',
        'TimeoutError',
    )
)
# What a backend must give back that keeps anything.
_PROBE = 'nova-aggext-status'
_KEEPS_NOTHING = 'dogpile.cache.null'

_POOL = 'oslo_cache.memcache_pool'
# What the backends for memcached import.
_CLIENTS = {
    _POOL: ('memcache',),
    'dogpile.cache.bmemcached': ('bmemcached',),
    'dogpile.cache.memcached': ('memcache',),
    'dogpile.cache.pymemcache': ('pymemcache',),
}


class ZoneCache(types.Plain):
    """Deletes the entries of hosts whose zone changed.

    Only a backend that processes share can be reached; what a Nova process
    keeps to itself lives on for an hour.
    """

    kinds = frozenset((KIND,))
    lanes = frozenset((types.ZONES,))

    def __init__(self, services: channels.Services) -> None:
        self._region = _region(services.conf)
        self._keeps = services.conf.cache.backend != _KEEPS_NOTHING

    def compose_whole(self, done: steps.Done) -> Iterator[types.Draft]:
        """Give the hosts whose zones may have changed, by aggregates."""
        for subject in done.subjects:
            hosts = [host for step in subject.steps for host in _moved(step)]
            if hosts:
                name = types.stream_of_zone(subject.aggregate.id)
                body = {'hosts': list(dict.fromkeys(hosts))}
                yield types.Draft(name, KIND, str(uuid.uuid4()), body)

    def probe(self) -> None:
        """Store something, and take it away again.

        :raises CacheUnavailable: when it is not kept
        """
        try:
            self._region.set(_PROBE, _PROBE)
            found = self._region.get(_PROBE)
            self._region.delete(_PROBE)
        except Exception as error:
            raise exception.CacheUnavailable(
                reason=type(error).__name__
            ) from error
        if self._keeps and found != _PROBE:
            # Some clients keep to themselves that nobody answers.
            raise exception.CacheUnavailable(reason='it keeps nothing')

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Delete the entries."""
        keys = [f'{PREFIX}{host}' for host in message.body['hosts']]
        try:
            self._region.delete_multi(keys)
        except Exception as error:
            # What is not known is held against the message.
            if not _is_away(error):
                raise
            raise types.Away(f'no cache ({type(error).__name__})') from error


def require_client(
    options: Any, is_installed: extras.IsInstalled = extras.is_installed
) -> None:
    """Refuse to start without what a backend for memcached needs.

    :param options: those of ``[cache]``
    :raises ExtraMissing: which names the extra
    """
    needed = list(_CLIENTS.get(options.backend, ()))
    if options.backend == _POOL and (
        options.memcache_sasl_enabled or options.tls_enabled
    ):
        needed.append('bmemcached')
    for library in needed:
        extras.require_memcached(library, '[cache] backend', is_installed)


def _region(conf: cfg.ConfigOpts) -> Any:
    """Make the cache.

    :raises ConfigurationError: when it cannot be made as it is configured
    """
    core.configure(conf)
    require_client(conf.cache)
    made = core.create_region()
    try:
        core.configure_cache_region(conf, made)
    except (ImportError, oslo_exception.ConfigurationError) as error:
        raise exception.ConfigurationError(
            reason=f'The cache cannot be made: {error}; see [cache].'
        ) from error
    return made


def _is_away(error: Exception) -> bool:
    """Say whether an error means that the cache cannot be used at present.

    Which of the libraries there is depends on the backend.
    """
    if isinstance(error, OSError | EOFError | cache_exc.QueueEmpty):
        return True
    return not _AWAY.isdisjoint(one.__name__ for one in type(error).__mro__)


def _moved(step: steps.Step) -> tuple[str, ...]:
    match step:
        case steps.AddingHost() | steps.RemovingHost():
            zone = step.after and step.after.availability_zone
            return (step.host,) if zone else ()
        case steps.SettingMetadata(before, asked):
            return before.hosts if records.ZONE_KEY in asked else ()
        case steps.Several(change):
            return change.judged_hosts
    return ()
