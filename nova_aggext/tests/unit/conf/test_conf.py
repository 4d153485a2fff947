# SPDX-License-Identifier: Apache-2.0
"""Where configuration comes from."""

import os
import pathlib

import fixtures
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext.conf import opts
from nova_aggext.tests import base


class ConfTestCase(base.TestCase):
    """Files in a folder of one's own."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def write(self, name: str, text: str = '') -> str:
        """Write a file and give its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return os.fspath(path)


class LoadTest(ConfTestCase):
    """Reading files."""

    def test_defaults(self) -> None:
        conf = aggext_conf.load([])
        self.assertEqual('keystone', conf.api.auth_strategy)
        self.assertEqual('nova_cells', conf.aggext.hosts)
        self.assertIsNone(conf.api_database.connection)

    def test_later_files_win(self) -> None:
        first = self.write('1', '[aggext]\nhosts = one\ncell_timeout = 5\n')
        second = self.write('2', '[aggext]\nhosts = two\n')
        conf = aggext_conf.load([first, second])
        self.assertEqual('two', conf.aggext.hosts)
        self.assertEqual(5, conf.aggext.cell_timeout)

    def test_options_of_nova_are_left_alone(self) -> None:
        path = self.write('nova.conf', '[DEFAULT]\nx = y\n[z]\nx = y\n')
        conf = aggext_conf.load([path])
        self.assertRaises(cfg.NoSuchOptError, getattr, conf, 'x')

    def test_files_that_cannot_be_read(self) -> None:
        folder = os.fspath(self.folder)
        binary = self.folder / 'binary'
        binary.write_bytes(b'\xff\xfe')
        for path in (
            os.path.join(folder, 'none'),
            folder,
            os.fspath(binary),
            self.write('broken', 'no option'),
            self.write('value', '[aggext]\ncell_timeout = 0\n'),
        ):
            self.assertRaises(cfg.Error, self._read, path)

    def _read(self, path: str) -> object:
        conf = aggext_conf.load([path])
        return conf.aggext.cell_timeout

    def test_two_do_not_share(self) -> None:
        path = self.write('1', '[aggext]\nhosts = one\n')
        first = aggext_conf.load([path])
        second = aggext_conf.load([])
        self.assertEqual('one', first.aggext.hosts)
        self.assertEqual('nova_cells', second.aggext.hosts)

    def test_the_process_wide_configuration_is_left_alone(self) -> None:
        before = set(cfg.CONF)
        aggext_conf.load([])
        self.assertEqual(before, set(cfg.CONF))

    def test_command_line_is_not_read(self) -> None:
        arguments = ['program', '--nonsense']
        self.useFixture(fixtures.MonkeyPatch('sys.argv', arguments))
        aggext_conf.load([])

    def test_other_options(self) -> None:
        conf = aggext_conf.load([], register=lambda conf: None)
        self.assertRaises(cfg.NoSuchOptError, getattr, conf, 'aggext')


class OptionsTest(base.TestCase):
    """What the generator shows."""

    def test_every_option_is_explained(self) -> None:
        for group, options in opts.list_opts():
            for option in options:
                self.assertTrue(option.help, f'[{group}] {option.name}')

    def test_urls_are_secret(self) -> None:
        for _group, options in opts.list_opts():
            for option in options:
                if option.name.endswith('connection'):
                    self.assertTrue(option.secret, option.name)


class FindTest(ConfTestCase):
    """Which files are read where none was named."""

    def setUp(self) -> None:
        super().setUp()
        own = self.folder / 'own'
        self.useFixture(fixtures.MonkeyPatch('nova_aggext.conf.OWN_DIR', own))
        self.environ = {
            aggext_conf.ENV_NOVA_DIR: os.fspath(self.folder / 'nova')
        }

    def _found(self) -> list[str]:
        return aggext_conf.find_files(self.environ)

    def test_split(self) -> None:
        self.assertEqual(['/a', '/b c'], aggext_conf.split(' /a; ;/b c;'))
        self.assertEqual([], aggext_conf.split(''))

    def test_environment(self) -> None:
        self.write('nova/nova.conf')
        self.environ[aggext_conf.ENV_FILES] = '/a;/b'
        self.assertEqual(['/a', '/b'], self._found())
        self.environ[aggext_conf.ENV_FILES] = ''
        self.assertEqual(1, len(self._found()))

    def test_nothing_there(self) -> None:
        self.assertEqual([], self._found())

    def test_beside_nova(self) -> None:
        expected = [
            self.write('nova/nova.conf'),
            self.write('nova/nova-aggext.conf'),
        ]
        self.write('own/nova-aggext.conf')
        self.assertEqual(expected, self._found())

    def test_in_a_folder_of_our_own(self) -> None:
        own = self.write('own/nova-aggext.conf')
        self.assertEqual([own], self._found())
        nova = self.write('nova/nova.conf')
        self.assertEqual([nova, own], self._found())
