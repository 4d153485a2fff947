# SPDX-License-Identifier: Apache-2.0
"""Sets the aggregates of resource providers to what the database says."""

import logging
import random
import time

from nova_aggext import exception
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.outbox import types
from nova_aggext.placement import client

LOG = logging.getLogger(__name__)

# How often a provider that others change is tried, and the first pause.
_ROUNDS = 4
_PAUSE = 0.02


class Mirror:
    """Keeps the aggregates of resource providers.

    Aggregates in placement that are not Nova's stay as they are.
    """

    def __init__(
        self,
        placement: client.Placement,
        hosts: ports.HostInventory,
        database: db_database.Database,
    ) -> None:
        self._placement = placement
        self._hosts = hosts
        self._database = database

    def nodes(self, host: str) -> tuple[ports.ComputeNode, ...]:
        """Give the nodes of a host; one of its name where none are known.

        :raises TryAgain: when nobody can tell at present
        """
        try:
            nodes = self._hosts.get_host(host).nodes
        except exception.ComputeHostNotFound:
            nodes = ()
        except exception.ServiceUnavailable as error:
            raise types.TryAgain(str(error)) from error
        return nodes or (ports.ComputeNode(uuid='', name=host),)

    def set(
        self,
        node: ports.ComputeNode,
        host: str,
        ours: frozenset[str],
        request: client.Request,
    ) -> None:
        """Let a provider be in the aggregates of a host.

        :param ours: aggregates that were Nova's, though they may be gone
        :raises TryAgain: when others keep changing the provider
        """
        for tried in range(_ROUNDS):
            if tried:
                pause = _PAUSE * 2 ** (tried - 1)
                time.sleep(random.uniform(pause / 2, pause))
            present = self.find(node, request)
            if present is None:
                LOG.warning('Placement has no provider of %s', node.name)
                return
            wanted = self._wanted(host, present.aggregates, ours)
            if wanted == present.aggregates:
                return
            if self._placement.put(present, wanted, request):
                return
        raise types.TryAgain(f'the provider of {node.name} keeps changing')

    def find(
        self, node: ports.ComputeNode, request: client.Request
    ) -> client.Membership | None:
        """Find the provider of a node by its uuid, else by its name."""
        found = node.uuid and self._placement.get(node.uuid, request)
        if found:
            return found
        provider = self._placement.find_provider(node.name, request)
        return provider and self._placement.get(provider, request) or None

    def _wanted(
        self, host: str, present: frozenset[str], ours: frozenset[str]
    ) -> frozenset[str]:
        """Give the aggregates a provider should have.

        :param ours: aggregates that were Nova's, though they may be gone
        """

        def work(session: db_database.Session) -> frozenset[str]:
            known = queries.known_uuids(session, present)
            return (present - known - ours) | queries.uuids_of_host(
                session, host
            )

        return self._database.read(work)
