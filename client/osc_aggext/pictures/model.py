# SPDX-License-Identifier: Apache-2.0
"""What a picture shows: aggregates and hosts, and maybe a plan."""

import dataclasses
import enum
from collections.abc import Iterable
from collections.abc import Mapping

from osc_aggext.pictures import clean
from osc_aggext.sdk import records

# Keys of metadata that keep hosts for some projects begin with it.
ISOLATION = 'filter_tenant_id'
# The zone of hosts without one, where no host says its name.
_DEFAULT_ZONE = 'nova'

# Where an aggregate stands in Cloud.aggregates.
Key = int


class Fate(enum.StrEnum):
    """What a plan does to an aggregate or a membership."""

    STAYS = 'stays'
    CHANGES = 'changes'
    JOINS = 'joins'
    LEAVES = 'leaves'


class State(enum.StrEnum):
    """What the inventory says of a host."""

    KNOWN = 'known'
    DEAD = 'dead'
    UNSURE = 'unsure'


@dataclasses.dataclass(frozen=True)
class Aggregate:
    """An aggregate, before a plan but for one that the plan makes."""

    id: int | None
    uuid: str | None
    name: str
    zone: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    description: str | None = None
    owner: str | None = None
    protected: bool = False
    fate: Fate = Fate.STAYS
    # What a plan does to it beside its hosts, for people.
    changes: tuple[str, ...] = ()

    @property
    def tenants(self) -> tuple[str, ...]:
        """The projects that its hosts are kept for."""
        return tuple(
            project.strip()
            for key, value in self.metadata
            if key.startswith(ISOLATION)
            for project in value.split(',')
        )


@dataclasses.dataclass(frozen=True)
class Host:
    """A host, with all aggregates that it is in before or after a plan."""

    name: str
    zone: str
    state: State = State.KNOWN
    memberships: tuple[tuple[Key, Fate], ...] = ()
    # The zone after a plan, where it is another one.
    zone_after: str | None = None


@dataclasses.dataclass(frozen=True)
class Cloud:
    """All that a picture shows.

    :ivar default_zone: the zone of hosts that no aggregate gives one
    :ivar planned: whether a plan is drawn
    :ivar warnings: those of the plan
    """

    aggregates: tuple[Aggregate, ...]
    hosts: tuple[Host, ...]
    default_zone: str = _DEFAULT_ZONE
    planned: bool = False
    warnings: tuple[str, ...] = ()


def read(
    aggregates: Iterable[records.Aggregate], hosts: Iterable[records.Host]
) -> Cloud:
    """Make the model of two lists.

    Neither list needs to be whole: an aggregate that only a host speaks of,
    or a host that only an aggregate names, is shown with what is known.
    """
    answered = {host.name: host for host in hosts}
    seen: dict[int, Aggregate] = {}
    members: dict[str, set[int]] = {name: set() for name in answered}
    for host in answered.values():
        for one in host.aggregates or ():
            if one.id is not None:
                seen[one.id] = _of_host(one)
                members[host.name].add(one.id)
    for found in aggregates:
        seen[found.id] = _aggregate(found)
        for name in found.hosts or ():
            members.setdefault(name, set()).add(found.id)
    keys = {id: key for key, id in enumerate(sorted(seen))}
    kept = tuple(seen[id] for id in keys)
    default = _default_zone(answered.values())
    drawn = []
    for name in sorted(members):
        theirs = [keys[id] for id in sorted(members[name])]
        if name in answered:
            drawn.append(_host(answered[name], theirs, default))
        else:
            drawn.append(_unsure(name, theirs, kept, default))
    return Cloud(kept, tuple(drawn), default)


def pairs(metadata: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give metadata in the order of its keys."""
    return tuple(
        (clean.clean(key), clean.clean(metadata[key]))
        for key in sorted(metadata)
    )


def _of_host(found: records.Reference) -> Aggregate:
    return Aggregate(
        found.id,
        found.uuid,
        clean.clean(found.name),
        clean.maybe(found.availability_zone),
    )


def _aggregate(found: records.Aggregate) -> Aggregate:
    return Aggregate(
        id=found.id,
        uuid=found.uuid,
        name=clean.clean(found.name or ''),
        zone=clean.maybe(found.availability_zone),
        metadata=pairs(found.metadata or {}),
        description=clean.maybe(found.description),
        owner=clean.maybe(found.owner),
        protected=bool(found.protected),
    )


def _host(found: records.Host, keys: list[Key], default: str) -> Host:
    state = {True: State.KNOWN, False: State.DEAD, None: State.UNSURE}
    return Host(
        clean.clean(found.name),
        clean.maybe(found.availability_zone) or default,
        state[found.known],
        tuple((key, Fate.STAYS) for key in keys),
    )


def _unsure(
    name: str, keys: list[Key], aggregates: tuple[Aggregate, ...], default: str
) -> Host:
    """Give a host that only aggregates name."""
    given = (aggregates[key].zone for key in keys)
    return Host(
        clean.clean(name),
        next((zone for zone in given if zone is not None), default),
        State.UNSURE,
        tuple((key, Fate.STAYS) for key in keys),
    )


def _default_zone(hosts: Iterable[records.Host]) -> str:
    named = (host.availability_zone for host in hosts if host.default_zone)
    return clean.maybe(next(named, None)) or _DEFAULT_ZONE
