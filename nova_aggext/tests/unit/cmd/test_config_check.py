# SPDX-License-Identifier: Apache-2.0
"""Configuration files with mistakes."""

import pathlib

import fixtures
from oslo_config import cfg

from nova_aggext.cmd import config_check
from nova_aggext.tests import base
from nova_aggext.tests.unit import layers

GENERATOR = layers.FOLDER.parent / 'etc/nova-aggext/config-generator.conf'
RETENTION = '[aggext] change_retention_days'


class ConfigCheckTestCase(base.TestCase):
    """Files that are written for a test."""

    def file(self, text: str) -> str:
        """Write a configuration file."""
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'nova.conf'
        path.write_text(text)
        return str(path)


class UnreadableTest(ConfigCheckTestCase):
    """Values that cannot be read."""

    def check(self, text: str, *expected: str) -> None:
        """These options are named, and no others."""
        found = config_check.unreadable([self.file(text)])
        self.assertEqual(
            list(expected), [one.partition(':')[0] for one in found]
        )

    def test_nothing(self) -> None:
        self.check('')
        self.check('[aggext_outbox]\nlease = 5\n[placement]\nusername = u\n')

    def test_options_of_ours(self) -> None:
        self.check('[aggext]\nchange_retention_days = ever\n', RETENTION)
        self.check('[aggext_outbox]\nlease = abc\n', '[aggext_outbox] lease')
        self.check('[aggext]\ncell_timeout = 0\n', '[aggext] cell_timeout')

    def test_options_of_nova_and_of_libraries(self) -> None:
        for text, name in (
            ('[api]\nauth_strategy = nonesuch', '[api] auth_strategy'),
            ('[api_database]\nmax_retries = a', '[api_database] max_retries'),
            ('[cache]\nenabled = maybe', '[cache] enabled'),
            ('[cache]\nbackend = nonesuch', '[cache] backend'),
            ('[DEFAULT]\ndebug = perhaps', '[DEFAULT] debug'),
            (
                '[DEFAULT]\nrpc_response_timeout = x',
                '[DEFAULT] rpc_response_timeout',
            ),
            (
                '[oslo_messaging_rabbit]\nheartbeat_rate = d',
                '[oslo_messaging_rabbit] heartbeat_rate',
            ),
            (
                '[keystone_authtoken]\nmemcached_servers = $nothing',
                '[keystone_authtoken] memcached_servers',
            ),
        ):
            self.check(f'{text}\n', name)

    def test_several(self) -> None:
        self.check(
            '[aggext]\nchange_retention_days = ever\n[api]\n'
            'auth_strategy = nonesuch\n',
            RETENTION,
            '[api] auth_strategy',
        )

    def test_secrets_are_kept(self) -> None:
        path = self.file('[DEFAULT]\ntransport_url = rabbit://u:$ekret@h/\n')
        (found,) = config_check.unreadable([path])
        self.assertTrue(found.startswith('[DEFAULT] transport_url: '))
        self.assertNotIn('ekret', found)

    def test_namespaces(self) -> None:
        """All options of the sample are read, and no others."""
        namespaces = cfg.MultiStrOpt('namespace')
        conf = cfg.ConfigOpts()
        conf.register_opt(namespaces)
        conf([], default_config_files=[str(GENERATOR)])
        self.assertEqual(list(config_check.NAMESPACES), conf.namespace)


class UnknownTest(ConfigCheckTestCase):
    """Names that mean nothing."""

    def check(self, text: str, *expected: str) -> None:
        """This is what is said."""
        found = config_check.unknown([self.file(text)])
        self.assertEqual(list(expected), found)

    def test_nothing(self) -> None:
        self.check('')
        self.check(
            '[DEFAULT]\nnonsense = 1\n[AGGEXT]\nhosts = registered\n'
            '[aggext_outbox]\nrecast_rate = 1\n[scheduler]\nnonsense = 1\n'
        )

    def test_option(self) -> None:
        self.check(
            '[aggext]\nhost = registered\n[aggext_outbox]\nhosts = 1\n',
            '[aggext] has no option host.',
            '[aggext_outbox] has no option hosts.',
        )

    def test_group(self) -> None:
        self.check(
            '[aggext-outbox]\nlease = 5\nrelay = no\n',
            'There is no group [aggext-outbox].',
        )

    def test_directory(self) -> None:
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in ('1.conf', '2.other'):
            (folder / name).write_text(f'[aggext]\nin-{name} = 1\n')
        found = config_check.unknown([], [str(folder)])
        self.assertEqual(['[aggext] has no option in-1.conf.'], found)
