# SPDX-License-Identifier: Apache-2.0
"""What there is once for a configuration, whatever serves with it."""

import logging
import threading
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import delivery
from nova_aggext import hosts
from nova_aggext import tracing
from nova_aggext.compute import api
from nova_aggext.compute.bulk import api as bulk_api
from nova_aggext.compute.bulk import maker as bulk_maker
from nova_aggext.compute import feed
from nova_aggext.compute import host_reader
from nova_aggext.compute import limits as compute_limits
from nova_aggext.compute import ports
from nova_aggext.compute import reader
from nova_aggext.compute.managers import api as manager_api
from nova_aggext.conf import outside
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.metrics import state as metrics_state
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

T = TypeVar('T')

# Seconds after which other processes see what this one holds.
_SAMPLE = 5.0


class Services:
    """Database, inventory, delivery, and the use cases that work on them.

    Whoever makes them closes them. Any number may live in a process.

    :raises ConfigurationError: when they are not configured to work, or the
        database lacks tables or columns
    :raises DatabaseUnavailable: when the database cannot be reached
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        meters: metrics_meters.Meters | None = None,
    ) -> None:
        """Make everything.

        :param meters: where to count; those of services that these replace
        """
        self.conf = conf
        self.meters = meters or metrics_meters.Meters()
        tracer = _tracer(conf)
        self.database = db_database.Database(
            conf,
            again=self.meters.tried_again,
            spans=tracer if conf.profiler.trace_sqlalchemy else None,
        )
        schema.require_current(self.database)
        schema.require_nova_columns(self.database)
        self.hosts = _hosts(conf, self.database, self.meters)
        self.delivery = delivery.Delivery(
            conf, self.database, self.hosts, self.meters, tracer
        )
        self._sampler = worker.Worker('aggext-sample', self._sample)
        self.aggregate_api = api.AggregateAPI(
            self.database,
            self.hosts,
            self.delivery.outbox,
            self.delivery.images,
            list_from_replica=conf.aggext.list_from_replica,
        )
        self.reader = reader.Reader(self.database)
        self.host_reader = host_reader.HostReader(
            self.database, self.hosts, conf.default_availability_zone
        )
        self.feed = feed.Feed(self.database)
        self.limits = _limits(conf)
        maker = bulk_maker.Maker(
            self.database,
            self.hosts,
            self.delivery.outbox,
            conf.default_availability_zone,
        )
        self.change_api = bulk_api.ChangeAPI(self.database, maker)
        self.manager_api = manager_api.ManagerAPI(
            self.database, maker, conf.aggext.managers
        )

    def start(self, *, delivers: bool) -> None:
        """Start the threads of this process, if it does not have them.

        :param delivers: whether there are some that empty the outbox
        """
        if delivers:
            self.delivery.start()
        if self.meters.are_shared:
            self._sampler.start()

    def state(self) -> metrics_state.State:
        """Say what this process holds at present."""
        pools = self.database.pools()
        if isinstance(self.hosts, ports.Watched):
            pools += self.hosts.pools()
        return metrics_state.State(
            pools=tuple(pools),
            lanes=tuple(self.delivery.lanes()),
            channels=tuple(self.delivery.channels),
        )

    def sample(self) -> None:
        """Let the meters show what this process holds at present."""
        self.meters.holds(self.state())

    def _sample(self) -> float:
        self.sample()
        return _SAMPLE

    def log_sources(self) -> None:
        """Log what the configuration was read from.

        Called last by whoever starts: who cannot says why, in one line.
        """
        read = ', '.join(aggext_conf.places(self.conf))
        LOG.info('The configuration was read from: %s', read or 'nowhere')

    def close(self) -> None:
        """Give back everything that is held."""
        self._sampler.stop()
        self.delivery.close()
        self.hosts.close()
        self.database.close()


def _tracer(conf: cfg.ConfigOpts) -> tracing.Tracer | None:
    """Make what traces, where that is wanted.

    :raises ExtraMissing: without the library for it
    """
    options = conf.profiler
    return tracing.Tracer(options.hmac_keys) if options.enabled else None


def _hosts(
    conf: cfg.ConfigOpts,
    database: db_database.Database,
    meters: metrics_meters.Meters,
) -> ports.HostInventory:
    """Load the inventory, and count what it asks where it lets one."""
    loaded = hosts.load(conf, database)
    if isinstance(loaded, ports.Watched):
        loaded.watch(meters.asked_cell)
    return loaded


def _limits(conf: cfg.ConfigOpts) -> compute_limits.Limits:
    """Read how much one request may ask for."""
    read = aggext_conf.load(
        *aggext_conf.sources(conf), register=outside.register_opts
    )
    own = conf.aggext
    return compute_limits.Limits(
        page=own.page,
        aggregates_per_change=own.aggregates_per_change,
        memberships_per_change=own.memberships_per_change,
        hosts_per_pattern=own.hosts_per_pattern,
        body_bytes=read.oslo_middleware.max_request_body_size,
        change_retention_days=own.change_retention_days,
    )


class Shared(Generic[T]):
    """Makes one thing of each configuration, for all who ask for it.

    Configurations are the same that were read from the same files and
    directories with the same content. A thing is kept as long as somebody
    else holds it; nobody else may close it.
    """

    def __init__(self, make: Callable[[cfg.ConfigOpts], T]) -> None:
        """Take what makes a thing of a configuration."""
        self._make = make
        self._lock = threading.Lock()
        self._made: weakref.WeakValueDictionary[aggext_conf.Identity, T] = (
            weakref.WeakValueDictionary()
        )

    def made(self) -> list[T]:
        """Give all things that somebody holds."""
        with self._lock:
            return list(self._made.values())

    def of(self, conf: cfg.ConfigOpts) -> T:
        """Give the thing of a configuration; make it if there is none.

        What is made meanwhile by another thread is waited for.
        """
        key = aggext_conf.identity(conf)
        with self._lock:
            made = self._made.get(key)
            if made is None:
                self._made[key] = made = self._make(conf)
            return made
