# SPDX-License-Identifier: Apache-2.0
"""What the tests of deliveries share."""

from typing import TypeVar

import fixtures

from nova_aggext.tests import base

FixtureT = TypeVar('FixtureT', bound=fixtures.Fixture)

# A server that tells everything it can, and does not wait for long; but a
# request may wait for placement as long as a slow machine takes.
OPTIONS = """
[DEFAULT]
host = api1
transport_url = {url}
[notifications]
notification_format = both
[oslo_messaging_notifications]
driver = messagingv2
[aggext_outbox]
recast_interval = 0
poll_interval = 0.2
max_backoff = 0.1
[placement]
mirror_deadline = 20
"""


class DeliveryTest(base.TestCase):
    """A test with peers that its class shares."""

    @classmethod
    def use_for_class(cls, fixture: FixtureT) -> FixtureT:
        """Set a fixture up until the last test of the class is done."""
        fixture.setUp()
        cls.addClassCleanup(fixture.cleanUp)
        return fixture
