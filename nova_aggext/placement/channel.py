# SPDX-License-Identifier: Apache-2.0
"""Mirrors memberships in placement (SIDE_EFFECTS, section 4).

Each message sets the full set of a host's aggregates, so that a repeat does
no harm and the last one always tells the truth.
"""

import logging
import random
import time
import uuid
from collections.abc import Iterator

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.placement import client

LOG = logging.getLogger(__name__)

KIND = 'placement'

# How often a provider that others change is tried, and the first pause.
_ROUNDS = 4
_PAUSE = 0.02


class PlacementMirror:
    """Keeps the aggregates of resource providers.

    Aggregates in placement that are not Nova's stay as they are.
    """

    kinds = frozenset((KIND,))
    lanes = frozenset((types.HOSTS,))

    def __init__(self, services: channels.Services) -> None:
        self._placement = client.Placement(services.conf)
        self._hosts = services.hosts
        self._database = services.database

    def compose(
        self,
        who: context.RequestContext,
        stream: str,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the mirroring of a host that was added or removed."""
        if moment is not types.Moment.CHANGED:
            return
        if isinstance(step, steps.AddingHost | steps.RemovingHost):
            aggregate = step.after and step.after.uuid
            body = {
                'host': step.host,
                'aggregate': aggregate,
                'request_id': who.global_request_id or who.request_id,
            }
            name = types.stream_of_host(step.host)
            yield types.Draft(name, KIND, str(uuid.uuid4()), body)

    def compose_refusal(
        self,
        who: context.RequestContext,
        stream: str,
        refusal: steps.Refusal,
    ) -> Iterator[types.Draft]:
        """Give nothing: nothing was changed."""
        return iter(())

    def tell(self, message: types.Message, until: float | None) -> None:
        """Set the aggregates of each provider of a host."""
        host: str = message.body['host']
        request = client.Request(message.body['request_id'], until)
        ours = frozenset(filter(None, [message.body['aggregate']]))
        for node in self._nodes(host):
            self._mirror(node, host, ours, request)

    def close(self) -> None:
        """Do nothing: connections close with their session."""

    def _nodes(self, host: str) -> tuple[ports.ComputeNode, ...]:
        try:
            nodes = self._hosts.get_host(host).nodes
        except exception.ComputeHostNotFound:
            nodes = ()
        except exception.ServiceUnavailable as error:
            raise types.TryAgain(str(error)) from error
        return nodes or (ports.ComputeNode(uuid='', name=host),)

    def _mirror(
        self,
        node: ports.ComputeNode,
        host: str,
        ours: frozenset[str],
        request: client.Request,
    ) -> None:
        present = self._find(node, request)
        pause = _PAUSE
        for _ in range(_ROUNDS):
            if present is None:
                LOG.warning('Placement has no provider of %s', node.name)
                return
            wanted = self._wanted(host, present.aggregates, ours)
            if wanted == present.aggregates:
                return
            if self._placement.put(present, wanted, request):
                return
            time.sleep(random.uniform(pause / 2, pause))
            pause *= 2
            present = self._find(node, request)
        raise types.TryAgain(f'the provider of {node.name} keeps changing')

    def _find(
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
