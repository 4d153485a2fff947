# SPDX-License-Identifier: Apache-2.0
"""Purges what Nova cached of the zones of hosts (SIDE_EFFECTS, section 6)."""

import uuid
from collections.abc import Iterator

from oslo_cache import core

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

KIND = 'zone_cache'
PREFIX = 'azcache-'
# What a backend must give back that keeps anything.
_PROBE = 'nova-aggext-status'
_KEEPS_NOTHING = 'dogpile.cache.null'


class ZoneCache(types.Plain):
    """Deletes the entries of hosts whose zone changed.

    Only a backend that processes share can be reached; what a Nova process
    keeps to itself lives on for an hour.
    """

    kinds = frozenset((KIND,))
    lanes = frozenset((types.ZONES,))

    def __init__(self, services: channels.Services) -> None:
        core.configure(services.conf)
        self._region = core.create_region()
        core.configure_cache_region(services.conf, self._region)
        self._keeps = services.conf.cache.backend != _KEEPS_NOTHING

    def compose(
        self,
        who: context.RequestContext,
        stream: str,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the hosts whose zone a step may have changed."""
        hosts = _moved(step) if moment is types.Moment.CHANGED else ()
        if hosts:
            name = stream.replace(types.AGGREGATES, types.ZONES, 1)
            yield types.Draft(
                name, KIND, str(uuid.uuid4()), {'hosts': list(hosts)}
            )

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
            raise types.Away(f'no cache ({type(error).__name__})') from error


def _moved(step: steps.Step) -> tuple[str, ...]:
    if isinstance(step, steps.AddingHost | steps.RemovingHost):
        zone = step.after and step.after.availability_zone
        return (step.host,) if zone else ()
    if isinstance(step, steps.SettingMetadata):
        return step.before.hosts if records.ZONE_KEY in step.asked else ()
    return ()
