# SPDX-License-Identifier: Apache-2.0
"""What the relay does with the signals it gets."""

from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext import services
from nova_aggext.cmd import delivering
from nova_aggext.cmd import signals
from nova_aggext.db import database as db_database
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

RELOAD = signals.Wish.RELOAD


class Signals(signals.Signals):
    """Signals that come as they are told, and then the one to end."""

    def __init__(self, *wishes: signals.Wish | None) -> None:
        self.wishes = [*wishes, signals.Wish.END]

    def wait(self, seconds: float) -> signals.Wish | None:
        """Give the next one."""
        return self.wishes.pop(0)


class Delivery:
    """Counts how often it is started."""

    def __init__(self) -> None:
        self.starts = 0

    def start(self) -> None:
        """Count."""
        self.starts += 1


class Services(services.Services):
    """Those that deliver nothing."""

    def __init__(self, database: db_database.Database) -> None:
        self.database = database
        self.delivery = Delivery()  # type: ignore[assignment]
        self.closed = False

    @property
    def starts(self) -> int:
        """How often its delivery was started."""
        assert isinstance(self.delivery, Delivery)
        return self.delivery.starts

    def start(self, *, delivers: bool) -> None:
        """Start the delivery alone."""
        self.delivery.start()

    def close(self) -> None:
        """Remember that."""
        self.closed = True


class DelivererTest(base.TestCase):
    """Services, made as they are wanted."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.made: list[Services] = []
        self.errors: list[Exception] = []

    def _make(self, meters: metrics_meters.Meters) -> services.Services:
        if self.errors:
            raise self.errors.pop(0)
        self.made.append(Services(self.db.database))
        return self.made[-1]

    def run_with(
        self, *wishes: signals.Wish | None, errors: Sequence[Exception] = ()
    ) -> list[int]:
        """Deliver until the end; give how often each one was started."""
        deliverer = delivering.Deliverer(self._make)
        self.errors = list(errors)
        deliverer.run(Signals(*wishes))
        deliverer.close()
        self.assertTrue(all(one.closed for one in self.made))
        return [one.starts for one in self.made]

    def test_watch(self) -> None:
        """What died is started again."""
        self.assertEqual([3], self.run_with(None, None))

    def test_reload(self) -> None:
        """Those of the new configuration take over."""
        self.assertEqual([2, 2], self.run_with(None, RELOAD, None))

    def test_reload_in_vain(self) -> None:
        """Those that there are go on, whatever is wrong."""
        errors = [
            exception.ConfigurationError(reason='a mistake'),
            ArithmeticError('no luck'),
        ]
        starts = self.run_with(RELOAD, RELOAD, RELOAD, errors=errors)
        self.assertEqual([3, 1], starts)
        for text in ('a mistake', 'no luck'):
            self.assertIn(text, self.log.output)

    def test_database_of_metrics(self) -> None:
        """What waits is read where the relay works."""
        shown = delivering.Deliverer(
            lambda meters: services.Services(self.db.conf, meters)
        )
        self.addCleanup(shown.close)
        names = {one.name for one in shown.collect()}
        self.assertIn('aggext_outbox_messages', names)
        self.assertIn('aggext_outbox_told', names)
