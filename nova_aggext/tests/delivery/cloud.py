# SPDX-License-Identifier: Apache-2.0
"""A server of ours among real peers, and cases to run on it."""

from typing import Any, ClassVar

from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import cases
from nova_aggext.tests.delivery import client
from nova_aggext.tests.delivery import glance
from nova_aggext.tests.delivery import normalise
from nova_aggext.tests.delivery import placement
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.delivery import world
from nova_aggext.tests.functional import server

# An id that no aggregate has.
NOBODY = 999999
# A host with a node that placement has no provider of.
UNKNOWN = 'norp1'
TOKEN = 'sometoken'

IMAGES = {
    '<uuid:image1>': glance.IMAGES['image1'],
    '<uuid:image2>': glance.IMAGES['image2'],
    '<uuid:no-such-image>': glance.UNKNOWN,
}


class CloudTest(base.DeliveryTest):
    """One case, on the peers of its class."""

    INVENTORY: ClassVar[str] = 'nova_cells'
    # Beyond those of every test.
    OPTIONS: ClassVar[str] = ''

    case: cases.Case

    bus: ClassVar[broker.VirtualHost]
    placement: ClassVar[placement.Placement]
    glance: ClassVar[glance.Glance]
    world: ClassVar[world.World]
    tap: ClassVar[tap.Tap]
    server: ClassVar[server.Server]

    @classmethod
    def setUpClass(cls) -> None:
        """Bring the peers and the server up."""
        super().setUpClass()
        cls.bus = cls.use_for_class(broker.VirtualHost())
        cls.placement = cls.use_for_class(placement.Placement())
        cls.glance = cls.use_for_class(glance.Glance())
        cls.world = cls.use_for_class(world.World(cls.INVENTORY))
        cls.tap = cls.use_for_class(tap.Tap(cls.bus.amqp))
        for host, key in cls.world.nodes.items():
            if host != UNKNOWN:
                cls.placement.add_provider(host, key)
        cls.server = cls.use_for_class(
            server.Server(
                conf_file=cls.world.conf_file,
                options=base.OPTIONS.format(url=cls.bus.url)
                + cls.placement.options
                + f'[glance]\nendpoint_override = {cls.glance.url}\n'
                + cls.OPTIONS,
            )
        )

    def setUp(self) -> None:
        """Begin with what was there before."""
        super().setUp()
        self.world.wait()
        self.uuids = self.world.begin(*self.like.before())
        host = self.case.host
        if host in self.world.nodes and host != UNKNOWN:
            present = {
                self.uuids[one.removeprefix('<uuid:').removesuffix('>')]
                for one in self.like.present()
            }
            self.placement.set_aggregates(self.world.nodes[host], present)
        self.tap.take()
        self.placement.proxy.take()

    @property
    def like(self) -> cases.Case:
        """The case that begins with the same state."""
        return self.case

    def send(self, **headers: str) -> client.Answer:
        """Send the request of the case."""
        written = self.world.ids().get('agg-a', NOBODY)
        path = self.case.request['path'].replace('<int>', str(written))
        return self.call(
            self.case.request['method'],
            path.removeprefix(client.AGGREGATES),
            _filled(self.case.request['body']),
            self.case.request['microversion'],
            **headers,
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        version: str = '2.81',
        **headers: str,
    ) -> client.Answer:
        """Send any request about aggregates."""
        path = client.AGGREGATES + path
        return client.call(
            self.server.url,
            method,
            path,
            body,
            version,
            **{'X_Auth_Token': TOKEN, **headers},
        )

    def known(self) -> dict[str, str]:
        """Give the names of all uuids."""
        found = self.world.uuids()
        found |= {key: name for name, key in self.uuids.items()}
        found |= {
            key: f'provider {host}' for host, key in self.world.nodes.items()
        }
        found |= {key: name for name, key in glance.IMAGES.items()}
        return {key: f'<uuid:{name}>' for key, name in found.items()}

    def heard(self) -> list[dict[str, Any]]:
        """Give what was published for the case."""
        self.world.wait()
        known = self.known()
        return [normalise.sent(one, known) for one in self.tap.take()]

    def asked(self) -> list[dict[str, Any]]:
        """Give what placement was asked for the case."""
        return normalise.asked(self.placement.proxy.take(), self.known())


def _filled(body: Any) -> Any:
    """Put the images in."""
    if isinstance(body, dict) and 'cache' in body:
        return {'cache': [{'id': IMAGES[one['id']]} for one in body['cache']]}
    return body
