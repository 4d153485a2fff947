# SPDX-License-Identifier: Apache-2.0
"""Mirrors memberships in placement (SIDE_EFFECTS, section 4).

Each message sets the full set of a host's aggregates, so that a repeat does
no harm and the last one always tells the truth.
"""

import time
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.compute import steps
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.placement import audit
from nova_aggext.placement import client
from nova_aggext.placement import mirror

KIND = 'placement'

# Seconds for which the nodes that a request found are taken for true, and how
# many are worth to be stored; a host of Ironic may have thousands.
_FRESH = 10
_FEW = 20


class PlacementMirror(types.Plain):
    """Tells placement of the hosts that were added and removed."""

    kinds = frozenset((KIND,))
    lanes = frozenset((types.HOSTS,))

    def __init__(self, services: channels.Services) -> None:
        self._placement = client.Placement(services.conf)
        self._database = services.database
        self._mirror = mirror.Mirror(
            self._placement,
            services.hosts,
            services.database,
            services.conf.placement.mirror_memory,
        )

    def compose_whole(self, done: steps.Done) -> Iterator[types.Draft]:
        """Give the mirroring of each host that was added or removed."""
        uuids: dict[str, list[str | None]] = {}
        for subject in done.subjects:
            for host in (*subject.added, *subject.removed):
                uuids.setdefault(host, []).append(subject.aggregate.uuid)
        who = done.who
        for host, aggregates in uuids.items():
            body = {
                'host': host,
                'aggregates': aggregates,
                'request_id': who.global_request_id or who.request_id,
                **_nodes(done.found.get(host)),
            }
            name = types.stream_of_host(host)
            yield types.Draft(name, KIND, str(uuid.uuid4()), body)

    def fold(self, messages: Sequence[types.Draft]) -> types.Draft:
        """Let the last one speak of the aggregates of all."""
        last = messages[-1]
        several = [one.body['aggregates'] for one in messages]
        body = {**last.body, 'aggregates': sum(several, [])}
        return types.Draft(last.stream, last.kind, last.message_id, body)

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Set the aggregates of each provider of a host."""
        body = message.body
        host: str = body['host']
        request = client.Request(body['request_id'], until)
        ours = frozenset(filter(None, body['aggregates']))
        for node in _remembered(body) or self._mirror.nodes(host):
            self._mirror.set(node, host, ours, request, message)

    def probe(self) -> None:
        """Look for a provider.

        :raises PlacementUnavailable: when placement does not tell
        """
        try:
            self._placement.find_provider(KIND, client.Request(None, None))
        except types.Away as error:
            raise exception.PlacementUnavailable(reason=error) from error

    def check(self) -> audit.Memberships:
        """Give the check of the audit."""
        return audit.Memberships(self._placement, self._mirror, self._database)


def _nodes(found: inventory.Host | None) -> dict[str, Any]:
    """Remember the nodes that the request has just found, if few, and when."""
    nodes = found.nodes if found is not None else ()
    if not 0 < len(nodes) <= _FEW:
        return {}
    named = [[node.uuid, node.name] for node in nodes]
    return {'nodes': named, 'found_at': time.time()}


def _remembered(body: Mapping[str, Any]) -> list[inventory.ComputeNode]:
    """Give the nodes that were found, unless that was long ago."""
    if abs(time.time() - body.get('found_at', 0)) > _FRESH:
        return []
    return [inventory.ComputeNode(*node) for node in body['nodes']]
