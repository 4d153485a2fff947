# SPDX-License-Identifier: Apache-2.0
"""What a request is judged by, as frozen data."""

import dataclasses
from collections.abc import Mapping

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import inventory
from nova_aggext.db import records


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What a transaction is begun with.

    :ivar hosts: those that it locks before it reads anything
    :ivar counts: numbers of instances by host, as far as they were asked for
    :ivar found: what the inventory said of hosts that are to be added; None
        of those that it does not know
    """

    hosts: frozenset[str] = frozenset()
    counts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    found: Mapping[str, inventory.Host | None] = dataclasses.field(
        default_factory=dict
    )

    def with_counts(self, counted: Mapping[str, int]) -> 'Known':
        """Add numbers of instances."""
        return dataclasses.replace(self, counts={**self.counts, **counted})

    def with_hosts(
        self, found: Mapping[str, inventory.Host | None]
    ) -> 'Known':
        """Add hosts, with their instances where these were told."""
        counted = {
            name: host.instances
            for name, host in found.items()
            if host is not None and host.instances is not None
        }
        return dataclasses.replace(
            self,
            counts={**self.counts, **counted},
            found={**self.found, **found},
        )


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """What was read, in one state of the database.

    :ivar aggregates: those of the request that there are, by id
    :ivar changes: what the request makes of them
    :ivar taken: names of the request that others have, and keep
    :ivar zones: of each host whose zone is judged, by the ids of aggregates
        that give it one; none while some are not locked
    :ivar unlocked: hosts whose zone is judged, and which have to be locked
    """

    aggregates: Mapping[int, records.Aggregate]
    changes: tuple[compute_change.Change, ...]
    known: Known
    taken: frozenset[str] = frozenset()
    zones: Mapping[str, Mapping[int, str]] = dataclasses.field(
        default_factory=dict
    )
    unlocked: frozenset[str] = frozenset()
