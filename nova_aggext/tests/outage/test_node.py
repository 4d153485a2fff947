# SPDX-License-Identifier: Apache-2.0
"""A real RabbitMQ that freezes, is stopped, and dies."""

import time
from typing import ClassVar

from testtools import matchers

from nova_aggext.db import outbox
from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.outage import consumer
from nova_aggext.tests.outage import link
from nova_aggext.tests.outage import node
from nova_aggext.tests.outage import settings

# A broker keeps what it confirmed only if it is told to.
_DURABLE = """
[oslo_messaging_rabbit]
amqp_durable_queues = true
"""


class Cloud(outage_cloud.Cloud):
    """A cloud with a RabbitMQ of its own.

    :ivar node: the RabbitMQ
    """

    def _make_bus(self) -> None:
        self.node = self.useFixture(node.Node())
        self.link = self.useFixture(link.Link(self.node.port))
        self.tap = self.useFixture(consumer.Consumer(self.node.amqp))
        self.transport_url = self.node.url

    def mend(self) -> None:
        """Let everything work again."""
        super().mend()
        self.node.thaw()


class NodeTest(base.OutageTest):
    """Changes are made meanwhile as ever, and are told afterwards."""

    cloud: ClassVar[Cloud]

    @classmethod
    def make_cloud(cls) -> Cloud:
        """Make one with queues that survive."""
        return Cloud(options=_DURABLE)

    def test_frozen(self) -> None:
        """It does nothing for a while, and keeps its connections."""

        def freeze() -> None:
            self.cloud.node.freeze()
            time.sleep(settings.frozen())
            self.cloud.node.thaw()

        self.run_through(freeze, casts=False)

    def test_alarm(self) -> None:
        """It blocks who publishes, as its memory is used up."""
        control = self.cloud.node.control
        self.addCleanup(control, 'set_vm_memory_high_watermark', '0.6')
        waited: list[int] = []

        def block() -> None:
            control('set_vm_memory_high_watermark', '0.000001')
            time.sleep(settings.frozen())
            waited.append(self.cloud.database.read(outbox.waiting).messages)
            control('set_vm_memory_high_watermark', '0.6')

        self.run_through(block, casts=False)
        self.assertThat(waited, matchers.AllMatch(matchers.GreaterThan(10)))

    def test_restarted(self) -> None:
        """It dies in the middle of publishing, and is started again."""

        def restart() -> None:
            self.cloud.node.kill()
            time.sleep(settings.stopped())
            self.cloud.node.start()

        self.run_through(restart, casts=False)
