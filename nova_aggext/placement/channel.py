# SPDX-License-Identifier: Apache-2.0
"""Mirrors memberships in placement (SIDE_EFFECTS, section 4).

Each message sets the full set of a host's aggregates, so that a repeat does
no harm and the last one always tells the truth.
"""

import uuid
from collections.abc import Iterator

from nova_aggext import context
from nova_aggext.compute import steps
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.placement import audit
from nova_aggext.placement import client
from nova_aggext.placement import mirror

KIND = 'placement'


class PlacementMirror(types.Plain):
    """Tells placement of the hosts that were added and removed."""

    kinds = frozenset((KIND,))
    lanes = frozenset((types.HOSTS,))

    def __init__(self, services: channels.Services) -> None:
        self._placement = client.Placement(services.conf)
        self._database = services.database
        self._mirror = mirror.Mirror(
            self._placement, services.hosts, services.database
        )

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

    def tell(self, message: types.Message, until: float | None) -> None:
        """Set the aggregates of each provider of a host."""
        host: str = message.body['host']
        request = client.Request(message.body['request_id'], until)
        ours = frozenset(filter(None, [message.body['aggregate']]))
        for node in self._mirror.nodes(host):
            self._mirror.set(node, host, ours, request)

    def check(self) -> audit.Memberships:
        """Give the check of the audit."""
        return audit.Memberships(self._placement, self._mirror, self._database)
