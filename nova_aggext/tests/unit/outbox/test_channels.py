# SPDX-License-Identifier: Apache-2.0
"""Which channels a configuration asks for."""

import traceback

from nova_aggext import conf as aggext_conf
from nova_aggext import delivery
from nova_aggext import exception
from nova_aggext.metrics import meters
from nova_aggext.outbox import channels
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

BUS = '[DEFAULT]\ntransport_url = fake://\n'
NOTIFYING = '[oslo_messaging_notifications]\ndriver = messagingv2\n'
CASTS = ['scheduler', 'conductor']


class NamesTest(base.TestCase):
    """The names, in the order in which they tell."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(synced=False))

    def check(self, wanted: list[str], options: str) -> None:
        """Compare what some options ask for."""
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(options)
        conf = aggext_conf.load([self.db.conf_file])
        self.assertEqual(wanted, delivery.names(conf))

    def test_nothing(self) -> None:
        """By default nobody is told anything."""
        self.check([], '')

    def test_driver_without_bus(self) -> None:
        """A driver alone reaches nobody."""
        self.check([], NOTIFYING)

    def test_bus(self) -> None:
        """A bus alone is for casts."""
        self.check(CASTS, BUS)

    def test_noop(self) -> None:
        """A driver that does nothing is none."""
        self.check(CASTS, BUS + NOTIFYING.replace('messagingv2', 'noop'))

    def test_several_drivers(self) -> None:
        """One that does something is enough."""
        self.check(
            ['notifications', *CASTS], BUS + NOTIFYING + 'driver = noop\n'
        )

    def test_own_bus(self) -> None:
        """Notifications may have a bus of their own."""
        self.check(['notifications'], f'{NOTIFYING}transport_url = fake://\n')

    def test_placement(self) -> None:
        """Placement is told where it can be logged in to."""
        self.check(['placement'], '[placement]\nauth_type = none\n')

    def test_placement_section(self) -> None:
        """The way to log in may stand in another section."""
        self.check(['placement'], '[placement]\nauth_section = nova\n')

    def test_cache(self) -> None:
        """A cache has to be enabled."""
        self.check([], '[cache]\nbackend = dogpile.cache.memory\n')
        self.check(['zone_cache'], '[cache]\nenabled = true\n')

    def test_unknown_channel(self) -> None:
        """A channel that nobody offers is said at the start."""
        conf = aggext_conf.load([self.db.conf_file])
        services = channels.Services(conf, self.db.database, stubs.Inventory())
        self.assertRaises(
            exception.ConfigurationError, channels.load, services, ['none']
        )


class UnusableTest(base.TestCase):
    """What keeps a channel from being made is said, without secrets."""

    def test_bus(self) -> None:
        """Of a URL only the driver is named."""
        for url, said in (
            ('foo://guest:secret@bus/', "'foo'"),
            ('rabbit://guest:secret@bus:port/', 'cannot be read'),
        ):
            reason = self.reason(f'[DEFAULT]\ntransport_url = {url}\n')
            self.assertIn(said, reason)
            self.assertIn('[DEFAULT] transport_url', reason)

    def test_bus_of_notifications(self) -> None:
        """It has an option of its own."""
        url = 'foo://guest:secret@bus/'
        reason = self.reason(f'{NOTIFYING}transport_url = {url}\n')
        name = '[oslo_messaging_notifications] transport_url'
        self.assertIn(name, reason)

    def test_placement(self) -> None:
        """Whatever is missing to log in is named."""
        for options, said in (
            ('auth_type = nonsense', 'nonsense'),
            ('auth_type = password\npassword = secret', 'auth_url'),
            ('auth_section = nowhere', '[nowhere] auth_type'),
        ):
            reason = self.reason(f'[placement]\n{options}\n')
            self.assertIn(said, reason)
            self.assertIn('[placement]', reason)

    def reason(self, options: str) -> str:
        """Give why nothing can be delivered as configured."""
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(options)
        conf = aggext_conf.load([db.conf_file])
        error = self.assertRaises(
            exception.ConfigurationError,
            delivery.Delivery,
            conf,
            db.database,
            stubs.Inventory(),
            meters.Meters(),
        )
        told = ''.join(traceback.format_exception(error))
        self.assertNotIn('secret', told)
        return str(error)
