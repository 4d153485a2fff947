# SPDX-License-Identifier: Apache-2.0
"""Aggregates and hosts as the server shows them.

What was not asked for, or a server does not tell, is ``None``.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate.

    :ivar uuid: None for one of an old Nova
    :ivar metadata: without the zone, which is a field
    :ivar hosts: sorted by name
    :ivar protected: whether only its hosts may change
    :ivar created_at: in ISO 8601, UTC
    :ivar etag: of its content, to be sent as ``if_match``
    :ivar claims: what each manager claims of it; only where asked for
    """

    id: int
    uuid: str | None
    name: str | None = None
    availability_zone: str | None = None
    metadata: Mapping[str, str] | None = None
    hosts: tuple[str, ...] | None = None
    host_count: int | None = None
    description: str | None = None
    owner: str | None = None
    protected: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    etag: str | None = None
    claims: Mapping[str, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Aggregate':
        """Read one that a server shows."""
        found = known(cls, shown)
        if 'hosts' in found:
            found['hosts'] = tuple(found['hosts'])
        if found.get('claims') is not None:
            found['claims'] = {
                name: tuple(fields) for name, fields in found['claims'].items()
            }
        return cls(**found)


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """An aggregate as others refer to it."""

    id: int | None
    uuid: str | None
    name: str
    availability_zone: str | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Reference':
        """Read one that a server shows."""
        return cls(**known(cls, shown))


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A compute host, or a member of aggregates that is none any more.

    :ivar known: whether the inventory has it; None: it could not tell
    :ivar default_zone: whether no aggregate gives it its zone
    :ivar isolation: sorted ``KEY=VALUE`` of what keeps it for projects
    :ivar instances: how many it has; only where asked for
    """

    name: str
    known: bool | None = None
    availability_zone: str | None = None
    default_zone: bool | None = None
    aggregates: tuple[Reference, ...] | None = None
    isolation: tuple[str, ...] | None = None
    etag: str | None = None
    instances: int | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Host':
        """Read one that a server shows."""
        found = known(cls, shown)
        if 'aggregates' in found:
            found['aggregates'] = tuple(map(Reference.of, found['aggregates']))
        if 'isolation' in found:
            found['isolation'] = tuple(found['isolation'])
        return cls(**found)


def known(cls: type[Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Give the members that are fields; a newer server may show others."""
    names = {field.name for field in dataclasses.fields(cls)}
    return {name: value for name, value in shown.items() if name in names}
