# SPDX-License-Identifier: Apache-2.0
"""Composition of the outbox: configuration in, channels and relays wired."""

from collections.abc import Mapping

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import plugins
from nova_aggext import tracing
from nova_aggext.compute import audit
from nova_aggext.compute import ports
from nova_aggext.conf import outside
from nova_aggext.db import database as db_database
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.metrics import state as metrics_state
from nova_aggext.outbox import channels as outbox_channels
from nova_aggext.outbox import relay
from nova_aggext.outbox import retention
from nova_aggext.outbox import stored
from nova_aggext.outbox import sweep
from nova_aggext.outbox import types

Channels = Mapping[str, types.Channel]

NOTIFICATIONS = 'notifications'
SCHEDULER = 'scheduler'
CONDUCTOR = 'conductor'
PLACEMENT = 'placement'
ZONE_CACHE = 'zone_cache'


class Delivery:
    """What tells the outside, as it is configured; where nothing is, nothing.

    :ivar outbox: where the use cases put what has to be told
    :ivar images: the image service, where a conductor can be reached
    :ivar channels: what is told, by the names of their entry points
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: db_database.Database,
        hosts: ports.HostInventory,
        meters: metrics_meters.Meters,
        tracer: tracing.Tracer | None = None,
    ) -> None:
        wanted = names(conf)
        services = outbox_channels.Services(conf, database, hosts)
        self.channels = outbox_channels.load(services, wanted)
        self.images = _images(conf) if CONDUCTOR in wanted else None
        self._relays = _relays(services, self.channels, meters, tracer)
        self._sweep = _sweep(services, self.channels)
        days = conf.aggext.change_retention_days
        self._retention = retention.Retention(database, days)
        self._stored = stored.StoredOutbox(
            database,
            list(self.channels.values()),
            self._relays,
            conf.placement.mirror_deadline,
            conf.aggext_outbox.lease,
            tracer,
        )
        self.outbox: ports.Outbox = (
            self._stored if self.channels else ports.Silent()
        )

    def start(self) -> None:
        """Deliver in threads of this process, if it does not already.

        Old changes are forgotten in one of them, and those of others found,
        also where nothing is told.
        """
        for one in self._relays:
            one.start()
        if self._sweep is not None:
            self._sweep.start()
        self._retention.start()

    def lanes(self) -> list[metrics_state.Lane]:
        """Say what each relay does."""
        return [
            metrics_state.Lane(
                one.lane,
                one.running,
                one.held,
                frozenset(
                    name
                    for name, channel in self.channels.items()
                    if channel in one.away
                ),
            )
            for one in self._relays
        ]

    def checks(self) -> list[audit.Check]:
        """Give the checks of what was told, for the audit."""
        return [
            one.check()
            for one in self.channels.values()
            if isinstance(one, types.Checkable)
        ]

    def close(self) -> None:
        """End every thread and close every connection."""
        self._retention.stop()
        if self._sweep is not None:
            self._sweep.stop()
        self._stored.close()


def names(conf: cfg.ConfigOpts) -> list[str]:
    """Give the names of the channels that the configuration asks for.

    Notifications may have a message bus of their own.
    """
    asked = aggext_conf.load(
        *aggext_conf.sources(conf), register=outside.register_opts
    )
    notifying = asked.oslo_messaging_notifications
    bus = bool(asked.transport_url)
    drivers = {name for name in notifying.driver if name not in ('', 'noop')}
    wanted = {
        NOTIFICATIONS: bool(drivers) and (bus or notifying.transport_url),
        SCHEDULER: bus,
        CONDUCTOR: bus,
        PLACEMENT: asked.placement.auth_type or asked.placement.auth_section,
        ZONE_CACHE: asked.cache.enabled,
    }
    return [name for name, asked_for in wanted.items() if asked_for]


def _images(conf: cfg.ConfigOpts) -> ports.ImageService:
    made: ports.ImageService
    (made,) = plugins.load('nova_aggext.images', ['glance'], conf).values()
    return made


def _relays(
    services: outbox_channels.Services,
    channels: Channels,
    meters: metrics_meters.Meters,
    tracer: tracing.Tracer | None,
) -> list[relay.Relay]:
    """Make a relay for each lane that a channel needs."""
    options = services.conf.aggext_outbox
    settings = relay.Settings(
        lease=options.lease,
        poll_interval=options.poll_interval,
        max_backoff=options.max_backoff,
        max_attempts=options.max_attempts,
    )
    lanes = {lane for one in channels.values() for lane in one.lanes}
    return [
        relay.Relay(
            lane,
            services.database,
            list(channels.values()),
            settings,
            meters,
            tracer=tracer,
        )
        for lane in sorted(lanes)
    ]


def _sweep(
    services: outbox_channels.Services, channels: Channels
) -> sweep.Sweep | None:
    options = services.conf.aggext_outbox
    if not options.recast_interval:
        return None
    casts = channels.get(SCHEDULER)
    return sweep.Sweep(
        services.database,
        casts if isinstance(casts, sweep.Recasting) else sweep.NoCasts(),
        interval=options.recast_interval,
        rate=options.recast_rate,
        lease=options.lease,
    )
