# SPDX-License-Identifier: Apache-2.0
"""The grammar of changes and of documents of managers, as types.

They are the JSON objects of the API; see its guide for what each member says.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, TypedDict


class AggregateReference(TypedDict, total=False):
    """One or more of these, all of one aggregate."""

    id: int
    uuid: str
    name: str


class Names(TypedDict, total=False):
    """``add`` and ``remove``, or ``set``; hosts may be patterns."""

    add: Sequence[str]
    remove: Sequence[str]
    set: Sequence[str]


class References(TypedDict, total=False):
    """``add`` and ``remove``, or ``set``."""

    add: Sequence[AggregateReference]
    remove: Sequence[AggregateReference]
    set: Sequence[AggregateReference]


class Metadata(TypedDict, total=False):
    """``add`` and ``remove``, or ``set``."""

    add: Mapping[str, str]
    remove: Sequence[str]
    set: Mapping[str, str]


class AggregateItem(TypedDict, total=False):
    """What shall become of an aggregate."""

    op: str
    aggregate: AggregateReference
    if_match: str
    uuid: str
    name: str
    availability_zone: str | None
    description: str | None
    owner: str | None
    protected: bool
    hosts: Names
    metadata: Metadata


class HostItem(TypedDict, total=False):
    """What shall become of a host."""

    host: str
    aggregates: References
    if_match: str


class Change(TypedDict, total=False):
    """A change; ``revert`` stands instead of items."""

    reason: str | None
    strict: bool
    unknown_hosts: str
    expect_digest: str | None
    aggregates: Sequence[AggregateItem]
    hosts: Sequence[HostItem]
    revert: str


class Managed(TypedDict, total=False):
    """What a manager wants of an aggregate."""

    name: str
    state: str
    availability_zone: str | None
    description: str | None
    owner: str | None
    protected: bool
    hosts: Sequence[str]
    metadata: Mapping[str, str | None]
    exclusive: Sequence[str]


class Document(TypedDict, total=False):
    """What a manager wants."""

    description: str | None
    reason: str | None
    prune: bool
    force: bool
    on_drift: str
    unknown_hosts: str
    expect_digest: str | None
    aggregates: Sequence[Managed]


Body = Mapping[str, Any]
