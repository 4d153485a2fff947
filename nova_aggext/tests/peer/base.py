# SPDX-License-Identifier: Apache-2.0
"""What the peer tests share."""

from typing import ClassVar, TypeVar

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.peer import clouds

FixtureT = TypeVar('FixtureT', bound=fixtures.Fixture)


class PeerTest(base.TestCase):
    """A test with a Nova that all tests of its class share."""

    nova: ClassVar[clouds.Nova]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())

    @classmethod
    def use_for_class(cls, fixture: FixtureT) -> FixtureT:
        """Set a fixture up until the last test of the class is done."""
        fixture.setUp()
        cls.addClassCleanup(fixture.cleanUp)
        return fixture
