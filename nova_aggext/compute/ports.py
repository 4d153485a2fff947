# SPDX-License-Identifier: Apache-2.0
"""What the use cases want of the outside world."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from nova_aggext import context
from nova_aggext.compute import inventory
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import pools


class HostInventory(Protocol):
    """Knows which compute hosts there are and what runs on them.

    Never called while a transaction of ours is open.
    """

    def get_host(self, name: str) -> inventory.Host:
        """Find a host by its exact name.

        :raises ComputeHostNotFound: when there is no compute host of that
            name, or it has no compute node
        :raises ServiceUnavailable: when nobody can tell at present
        """

    def get_hosts(
        self, names: Collection[str]
    ) -> Mapping[str, inventory.Host]:
        """Find hosts, however many, in few questions.

        A host that ``get_host`` would not give is left out; ``get_host``
        says why. Their instances may be left open.

        :raises ServiceUnavailable: when nobody can tell at present
        """

    def list_hosts(self) -> inventory.Listing:
        """Find all hosts that ``get_host`` would give.

        Where some part cannot tell, the others do; the list says so.

        :raises ServiceUnavailable: when nobody can tell at present
        """

    def count_instances(self, hosts: Collection[str]) -> Mapping[str, int]:
        """Count the instances of each host, also of hosts that are gone.

        :raises ServiceUnavailable: when nobody can tell at present
        """

    def check(self) -> None:
        """Find out whether the inventory can answer.

        :raises ServiceUnavailable: which says what is away
        """

    def close(self) -> None:
        """Give back what the inventory holds."""


# Learns of each question to a cell: its name, and what became of it.
AskedCell = Callable[[str, str], None]


@runtime_checkable
class Watched(Protocol):
    """A host inventory that asks cells, and lets that be seen."""

    def watch(self, asked: AskedCell) -> None:
        """Tell from now on of each question."""

    def pools(self) -> list[pools.Pool]:
        """Look at its pools of connections."""


# To be called once a transaction was committed, by ``runner.follow``.
Committed = Callable[[], None]


def nothing() -> None:
    """Do nothing, once committed."""


class Outbox(Protocol):
    """Keeps what the outside must be told until it was told."""

    def append(
        self, session: db_database.Session, done: steps.Done
    ) -> Committed:
        """Store what was done, in the transaction of the change."""

    def refused(self, refusal: steps.Refusal) -> None:
        """Learn that a request was refused.

        What this raises is logged: the request is answered as refused.
        """


class Silent:
    """The outbox where nobody is to be told anything."""

    def append(
        self, session: db_database.Session, done: steps.Done
    ) -> Committed:
        """Store nothing."""
        return nothing

    def refused(self, refusal: steps.Refusal) -> None:
        """Do nothing."""


class ImageService(Protocol):
    """Knows which images there are."""

    def require(
        self, who: context.RequestContext, image_ids: Collection[str]
    ) -> None:
        """Let pass images that the caller can see.

        :raises ImageNotFound: for one that is not there
        :raises ImageServiceUnavailable: when nobody can tell
        """
