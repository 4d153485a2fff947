# SPDX-License-Identifier: Apache-2.0
"""Steps of a change: what a request did so far, for who has to be told.

A request may take several. A step is told of as far as it went: what was not
yet looked up, or not yet done, is None.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

from nova_aggext.compute import inventory
from nova_aggext.db import records

Aggregate = records.Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class Creating:
    """An aggregate is made."""

    name: str
    zone: str | None
    uuid: str
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Renaming:
    """An aggregate is given a name, perhaps the one it has.

    :ivar before: as it was, but under the new name
    """

    before: Aggregate
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SettingMetadata:
    """Metadata or zone of an aggregate are set.

    :ivar asked: what the caller asked for, with None for keys to remove
    """

    before: Aggregate
    asked: Mapping[str, str | None]
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class AddingHost:
    """A host is put into an aggregate.

    :ivar written: the aggregate's id as the caller wrote it
    :ivar nodes: of the host, as the inventory has just told
    """

    written: str
    host: str
    before: Aggregate | None = None
    after: Aggregate | None = None
    nodes: tuple[inventory.ComputeNode, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class RemovingHost:
    """A host is taken out of an aggregate.

    :ivar written: the aggregate's id as the caller wrote it
    """

    written: str
    host: str
    before: Aggregate | None = None
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Deleting:
    """An aggregate is deleted; afterwards it is shown as it was.

    :ivar written: the aggregate's id as the caller wrote it
    """

    written: str
    before: Aggregate | None = None
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class CachingImages:
    """The hosts of an aggregate are asked to cache images."""

    before: Aggregate
    image_ids: tuple[str, ...]


Step: TypeAlias = (
    Creating
    | Renaming
    | SettingMetadata
    | AddingHost
    | RemovingHost
    | Deleting
    | CachingImages
)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was refused and changed nothing.

    :ivar operation: the name of the use case
    :ivar arguments: what it was called with, under Nova's names
    :ivar taken: the steps it had taken
    """

    operation: str
    arguments: Mapping[str, Any]
    taken: tuple[Step, ...]
    error: Exception
