# SPDX-License-Identifier: Apache-2.0
"""Who asks for a change of many, and what is answered."""

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any, Protocol

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext import context
from nova_aggext.compute import change as compute_change
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import database as db_database
from nova_aggext.db import managers

Asked = compute_asked.Asked
Change = compute_change.Change
Problem = problems.Problem
Session = db_database.Session

# Asks the policy whether the caller may do what is asked; raises when not.
# Gives the aggregates that it may be done with.
Permit = Callable[[Asked, resolution.Picture], resolution.Picture]
Warning = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """Who asks for what, and how.

    :ivar most: aggregates that it may touch
    :ivar id: that the caller gave it; None lets the server choose
    :ivar digest: of the request as it was written
    """

    who: context.RequestContext
    asked: Asked
    permit: Permit
    digest: str
    most: int
    id: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Stored:
    """A manager as it is stored, or would be.

    :ivar is_new: whether it was stored just now for the first time
    """

    manager: managers.Manager
    is_new: bool = False


class Aside(Protocol):
    """What is stored beside a change, in its transaction."""

    @property
    def planned(self) -> Stored:
        """What would be stored, or is already, of who asks."""

    def is_stored(self) -> bool:
        """Say whether all of it is there already."""

    def store(
        self,
        session: Session,
        changes: tuple[Change, ...],
        change_id: str | None,
    ) -> Stored:
        """Store it.

        :param change_id: of the change; None where nothing changed
        """


@dataclasses.dataclass(frozen=True, slots=True)
class Meaning:
    """What an order means by what was read.

    :ivar asked: what is asked for
    :ivar first: what speaks against it, before any rule is asked
    :ivar problems: what else does
    :ivar warnings: what is to be told beside what every change may tell
    """

    asked: Asked
    picture: resolution.Picture
    first: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Warning, ...] = ()
    aside: Aside | None = None


class Source(Protocol):
    """Where orders of a kind get their meaning from."""

    @property
    def operation(self) -> str:
        """The name of the use case."""

    def lock(self, order: Order) -> str | None:
        """Give what is locked first of all, if anything is."""

    def read(
        self, session: Session, order: Order, skipped: frozenset[str]
    ) -> Meaning:
        """Read what an order means.

        :param skipped: hosts that are left out, as nobody knows them
        :raises ChangeRefused: when it has none
        """

    def warnings(
        self, session: Session, changes: Iterable[Change]
    ) -> Iterable[Warning]:
        """Give what else is to be told, by what changes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What is answered.

    :ivar document: the change
    :ivar is_new: whether it was stored just now
    :ivar is_repeated: whether it was stored before, and answered as it is
    :ivar stored: what is stored beside it, if anything is
    """

    document: Mapping[str, Any]
    is_new: bool = False
    is_repeated: bool = False
    stored: Stored | None = None
