# SPDX-License-Identifier: Apache-2.0
"""Sets the aggregates of resource providers to what the database says."""

import logging
import random
import threading
import time
from collections.abc import Collection
from typing import Any

import cachetools

from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import streams
from nova_aggext.outbox import types
from nova_aggext.placement import client

LOG = logging.getLogger(__name__)

# How often a provider that others change is tried, and the first pause.
_ROUNDS = 4
_PAUSE = 0.02
# Providers whose memberships are remembered.
_MOST = 1000


class Mirror:
    """Keeps the aggregates of resource providers.

    Aggregates in placement that are not Nova's stay as they are. What is
    remembered need not be asked for: placement refuses a change if the
    provider has another generation.
    """

    def __init__(
        self,
        placement: client.Placement,
        hosts: ports.HostInventory,
        database: db_database.Database,
        memory: float = 0,
    ) -> None:
        """Take what it works with.

        :param memory: seconds for which memberships are remembered
        """
        self._placement = placement
        self._hosts = hosts
        self._database = database
        self._known: cachetools.TTLCache[Any, Any]
        self._known = cachetools.TTLCache(_MOST, memory)
        self._lock = threading.Lock()

    def nodes(self, host: str) -> tuple[inventory.ComputeNode, ...]:
        """Give the nodes of a host; one of its name where none are known.

        :raises TryAgain: when nobody can tell at present
        """
        try:
            nodes = self._hosts.get_host(host).nodes
        except exception.ComputeHostNotFound:
            nodes = ()
        except exception.ServiceUnavailable as error:
            raise types.TryAgain(str(error)) from error
        return _named(host, nodes)

    def known_nodes(
        self, hosts: Collection[str]
    ) -> dict[str, tuple[inventory.ComputeNode, ...]]:
        """Give the nodes of those hosts that the inventory finds, at once.

        :raises TryAgain: when nobody can tell at present
        """
        try:
            found = self._hosts.get_hosts(hosts)
        except exception.ServiceUnavailable as error:
            raise types.TryAgain(str(error)) from error
        return {name: _named(name, host.nodes) for name, host in found.items()}

    def set(
        self,
        node: inventory.ComputeNode,
        host: str,
        ours: frozenset[str],
        request: client.Request,
        message: types.Draft | None = None,
    ) -> None:
        """Let a provider be in the aggregates of a host.

        :param ours: aggregates that were Nova's, though they may be gone
        :param message: stored with the change to tell of, which must be read
        :raises TryAgain: when others keep changing the provider, or the
            database that is read is behind
        """
        remembered = self._recall(node)
        if remembered is not None:
            after = self._update(remembered, host, ours, request, message)
            # That nothing is to be changed is not believed.
            if after not in (None, remembered):
                self._remember(node, after)
                return
        for tried in range(_ROUNDS):
            if tried:
                pause = _PAUSE * 2 ** (tried - 1)
                time.sleep(random.uniform(pause / 2, pause))
            present = self.find(node, request)
            if present is None:
                LOG.warning('Placement has no provider of %s', node.name)
                return
            after = self._update(present, host, ours, request, message)
            if after is not None:
                self._remember(node, after)
                return
        raise types.TryAgain(f'the provider of {node.name} keeps changing')

    def find(
        self, node: inventory.ComputeNode, request: client.Request
    ) -> client.Membership | None:
        """Find the provider of a node by its uuid, else by its name."""
        found = node.uuid and self._placement.get(node.uuid, request)
        if found:
            return found
        provider = self._placement.find_provider(node.name, request)
        return provider and self._placement.get(provider, request) or None

    def _update(
        self,
        present: client.Membership,
        host: str,
        ours: frozenset[str],
        request: client.Request,
        message: types.Draft | None,
    ) -> client.Membership | None:
        """Set the aggregates of a provider, unless they are right already.

        Gives them as they are then; None when it changed meanwhile.
        """
        wanted = self._wanted(host, present.aggregates, ours, message)
        if wanted == present.aggregates:
            return present
        return self._placement.put(present, wanted, request)

    def _recall(self, node: inventory.ComputeNode) -> client.Membership | None:
        with self._lock:
            found: client.Membership | None = self._known.pop(node, None)
        return found

    def _remember(
        self, node: inventory.ComputeNode, found: client.Membership
    ) -> None:
        with self._lock:
            self._known[node] = found

    def _wanted(
        self,
        host: str,
        present: frozenset[str],
        ours: frozenset[str],
        message: types.Draft | None,
    ) -> frozenset[str]:
        """Give the aggregates a provider should have.

        :param ours: aggregates that were Nova's, though they may be gone
        """
        found = self._database.ask(
            lambda session: queries.uuids_of_host(
                session, host, present, message
            )
        )
        if message is not None and not found.seen:
            found = self._read_where_written(host, present, message)
        return (present - found.known - ours) | found.wanted

    def _read_where_written(
        self, host: str, present: frozenset[str], message: types.Draft
    ) -> queries.HostUuids:
        """Read what a question found out of date.

        What stands in front of the database may have it answered by a node
        that is behind.
        """

        def work(session: db_database.Session) -> queries.HostUuids:
            streams.touch(session, message.stream)
            return queries.uuids_of_host(session, host, present, message)

        found = self._database.write(work)
        if not found.seen:
            raise types.TryAgain(
                'the database that is read does not have the change yet'
            )
        return found


def _named(
    host: str, nodes: tuple[inventory.ComputeNode, ...]
) -> tuple[inventory.ComputeNode, ...]:
    """Give the nodes, or one of the host's name where there are none."""
    return nodes or (inventory.ComputeNode(uuid='', name=host),)
