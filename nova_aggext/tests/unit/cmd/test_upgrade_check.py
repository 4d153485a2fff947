# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status upgrade check: what would not work is found."""

import pathlib
import threading

from nova_aggext.cmd import status
from nova_aggext.cmd import upgrade_check
from nova_aggext.db import migration
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.cmd import commands
from nova_aggext.tests.unit.cmd import test_status

IDENTITY = """\
[api]
auth_strategy = keystone
[keystone_authtoken]
auth_type = password
auth_url = http://127.0.0.1:{port}/v3
username = nova
password = sekret
user_domain_name = Default
"""


class UpgradeCheckTestCase(commands.CommandTestCase):
    """The command on tables that are current."""

    def setUp(self) -> None:
        super().setUp()
        migration.sync(self.db.database)

    def configure(self, text: str) -> None:
        """Append to the configuration."""
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(text)

    def check(self, expected: int) -> str:
        """Run the command; give what it prints, without lines and frames."""
        ended = self.command(status.main, 'upgrade', 'check')
        self.assertEqual(expected, ended.status, ended.err + ended.out)
        self.assertEqual('', ended.err)
        self.assertNotIn('sekret', ended.out)
        return ' '.join(ended.out.replace('|', ' ').split())


class UpgradeCheckTest(UpgradeCheckTestCase):
    """Database, inventory, options."""

    def test_right(self) -> None:
        told = self.check(0)
        self.assertIn('Tables of nova-aggext', told)
        self.assertNotIn('Failure', told)

    def test_no_tables(self) -> None:
        self.configure('[api_database]\nconnection = sqlite://\n')
        told = self.check(2)
        self.assertIn('db sync', told)
        self.assertIn('Not tried', told)

    def test_no_database(self) -> None:
        self.configure('[api_database]\nconnection = nonsense://u:sekret@h/\n')
        self.assertIn('[api_database] connection', self.check(2))

    def test_inventory_that_nobody_offers(self) -> None:
        self.configure('[aggext]\nhosts = nonsense\n')
        self.assertIn('nonsense', self.check(2))

    def test_values(self) -> None:
        self.configure(
            '[aggext]\nchange_retention_days = ever\n'
            '[aggext_outbox]\nlease = abc\n'
            '[api]\nauth_strategy = nonesuch\n'
        )
        told = self.check(2)
        for option in (
            '[aggext] change_retention_days: ',
            '[aggext_outbox] lease: ',
            '[api] auth_strategy: ',
        ):
            self.assertIn(option, told)

    def test_names(self) -> None:
        self.configure('[aggext_outbox]\nleese = 5\n')
        told = self.check(1)
        self.assertIn('[aggext_outbox] has no option leese.', told)
        self.assertNotIn('Failure', told)

    def test_policy(self) -> None:
        folder = pathlib.Path(self.db.conf_file).parent
        (folder / 'policy.yaml').write_text('"a": [')
        self.assertIn('[oslo_policy]', self.check(2))


class OutsideTest(UpgradeCheckTestCase):
    """Whom a server calls."""

    def setUp(self) -> None:
        super().setUp()
        # Nobody listens there.
        self.port = server.free_port()

    def test_nothing_is_said_of_keystone(self) -> None:
        self.configure('[api]\nauth_strategy = keystone\n')
        told = self.check(2)
        self.assertIn('there is no auth_type; see [keystone_aut', told)

    def test_too_little_is_said_of_keystone(self) -> None:
        self.configure(
            '[api]\nauth_strategy = keystone\n[keystone_authtoken]\n'
            'auth_type = password\n'
        )
        told = self.check(2)
        self.assertIn('auth_url', told)
        self.assertIn('[keystone_authtoken]', told)

    def test_keystone_is_away(self) -> None:
        self.configure(IDENTITY.format(port=self.port))
        told = self.check(2)
        self.assertIn('Keystone cannot be used at present', told)
        self.assertIn('[keystone_authtoken]', told)

    def test_broker(self) -> None:
        self.configure('[DEFAULT]\ntransport_url = fake://\n')
        self.check(0)
        url = f'rabbit://u:sekret@127.0.0.1:{self.port}/'
        self.configure(f'[DEFAULT]\ntransport_url = {url}\n')
        told = self.check(2)
        self.assertIn('The message bus cannot be used at present', told)
        self.assertIn('see [DEFAULT] transport_url', told)

    def test_broker_of_notifications(self) -> None:
        options = (
            '[oslo_messaging_notifications]\ndriver = messagingv2\n'
            'transport_url = {}\n'
        )
        self.configure(options.format('fake://'))
        self.check(0)
        url = f'rabbit://u:sekret@127.0.0.1:{self.port}/'
        self.configure(options.format(url))
        told = self.check(2)
        self.assertIn('see [oslo_messaging_notifications]', told)

    def test_broker_without_a_driver(self) -> None:
        self.configure('[DEFAULT]\ntransport_url = nonsense://u:sekret@h/\n')
        self.assertIn("'nonsense'", self.check(2))

    def test_placement_and_cache(self) -> None:
        """What is wrong with one does not hide the other."""
        self.configure('[cache]\nenabled = true\n')
        self.check(0)
        self.configure('[cache]\nbackend = dogpile.cache.memory\n')
        self.check(0)
        self.configure(
            '[placement]\nauth_type = none\n'
            f'endpoint_override = http://127.0.0.1:{self.port}\n'
            '[cache]\nbackend = dogpile.cache.memcached\n'
            f'memcache_servers = 127.0.0.1:{self.port}\n'
        )
        told = self.check(2)
        self.assertIn('Placement cannot be used at present', told)
        self.assertIn('see [placement]', told)
        self.assertIn('The cache cannot be used at present', told)
        self.assertIn('see [cache]', told)


class PipelinesTest(UpgradeCheckTestCase):
    """A paste file of a Nova."""

    def paste(self, chosen: str, options: str = '') -> None:
        """Write it beside the configuration."""
        path = pathlib.Path(self.db.conf_file).with_name('api-paste.ini')
        text = test_status.PASTE.format(filter=chosen)
        path.write_text(f'{text}{options}\n')

    def test_right(self) -> None:
        self.paste('aggext')
        self.configure('[api]\nauth_strategy = noauth2\n')
        self.check(0)

    def test_filter_that_is_not_loaded(self) -> None:
        for chosen, expected in (
            ('', 'not loaded'),
            ('agext', 'there is no [filter:agext]'),
        ):
            self.paste(chosen)
            self.assertIn(expected, self.check(2))

    def test_filter_that_cannot_be_made(self) -> None:
        """Its own configuration counts, not the one that is given."""
        other = pathlib.Path(self.db.conf_file).with_name('other.conf')
        other.write_text('[aggext]\nhosts = nonsense\n')
        self.paste('aggext', f'config_file = {other}')
        self.assertIn('No database is configured', self.check(2))


class ResultTest(commands.CommandTestCase):
    """How a check ends."""

    def setUp(self) -> None:
        super().setUp()
        self.ended = threading.Event()
        self.addCleanup(self.ended.set)
        self.checks = upgrade_check.Checks([self.db.conf_file], patience=0.01)

    def _hang(self) -> None:
        self.ended.wait()

    def test_one_that_hangs(self) -> None:
        found = self.checks.result(self._hang)
        self.assertEqual(upgrade_check.Code.FAILURE, found.code)
        self.assertEqual('No answer within 0.01 s.', found.details)

    def test_one_that_nobody_expected(self) -> None:
        checks = upgrade_check.Checks([self.db.conf_file])

        def work() -> None:
            raise RuntimeError('mysql://u:sekret@h/n', {'password': 'sekret'})

        found = checks.result(work)
        self.assertEqual(upgrade_check.Code.FAILURE, found.code)
        self.assertIn('RuntimeError', str(found.details))
        self.assertIn('mysql://***@h/n', str(found.details))
        self.assertNotIn('sekret', str(found.details))
