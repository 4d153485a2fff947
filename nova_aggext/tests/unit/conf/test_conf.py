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

    def write_hosts(self, name: str) -> str:
        """Write a file that sets ``[aggext] hosts`` to its own name."""
        return self.write(name, f'[aggext]\nhosts = {name}\n')


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


class DirectoriesTest(ConfTestCase):
    """What is read of directories, and in which order.

    The home stands for /etc/nova and /etc, where directories are looked for
    as well.
    """

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.EnvironmentVariable('HOME', str(self.folder / 'home'))
        )
        self.file = self.write_hosts('nova.conf')

    def _hosts(self, *dirs: str) -> str:
        conf = aggext_conf.load([self.file], dirs)
        again = aggext_conf.load(*aggext_conf.sources(conf))
        self.assertEqual(conf.aggext.hosts, again.aggext.hosts)
        return str(conf.aggext.hosts)

    def test_those_of_nova(self) -> None:
        """They win over files, and that of Nova's API over the other."""
        self.assertEqual('nova.conf', self._hosts())
        for name in (
            'home/.nova/nova.conf.d/1.conf',
            'home/.nova/nova.conf.d/2.conf',
            'home/.nova/nova-api-os-compute.conf.d/1.conf',
        ):
            self.write_hosts(name)
            self.assertEqual(name, self._hosts())
        conf = aggext_conf.load([self.file])
        dirs = ('nova.conf.d', 'nova-api-os-compute.conf.d')
        found = [str(self.folder / 'home/.nova' / name) for name in dirs]
        self.assertEqual([self.file, *found], aggext_conf.places(conf))
        last = self._hosts()
        for name in ('nova.conf.d/1.conf', 'home/.nova/nova.conf.d/3.yaml'):
            self.write_hosts(name)
            self.assertEqual(last, self._hosts())

    def test_those_that_are_named(self) -> None:
        """They stand in the place of Nova's."""
        self.write_hosts('home/.nova/nova.conf.d/1.conf')
        dirs = [str(self.folder / name) for name in ('a', 'b')]
        for name in ('a/2.conf', 'b/1.conf'):
            self.write_hosts(name)
        self.assertEqual('a/2.conf', self._hosts(dirs[0]))
        self.assertEqual('b/1.conf', self._hosts(*dirs))
        conf = aggext_conf.load([self.file], dirs)
        self.assertEqual([self.file, *dirs], aggext_conf.places(conf))
        self.assertEqual('a/2.conf', self._hosts(*reversed(dirs)))

    def test_that_cannot_be_read(self) -> None:
        self.assertRaises(cfg.Error, self._hosts, '/nowhere')
        path = self.write('home/.nova/nova.conf.d/1.conf')
        for content in (b'no option', b'\xff\xfe'):
            pathlib.Path(path).write_bytes(content)
            error = self.assertRaises(cfg.Error, self._hosts)
            self.assertIn('nova.conf.d', str(error))


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
        return list(aggext_conf.find(self.environ).files)

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

    def test_files_that_nova_is_told(self) -> None:
        """They are below its directory, and have to be there."""
        self.write('nova/nova.conf')
        own = self.write('nova/nova-aggext.conf')
        self.environ[aggext_conf.ENV_NOVA_FILES] = 'one.conf;/two.conf'
        one = os.fspath(self.folder / 'nova/one.conf')
        self.assertEqual([one, '/two.conf', own], self._found())

    def test_names_win(self) -> None:
        self.environ[aggext_conf.ENV_FILES] = '/a;/b'
        self.environ[aggext_conf.ENV_DIRS] = '/c;/d'
        for options, expected in (
            ({}, (['/a', '/b'], ['/c', '/d'])),
            ({'config_file': '/e;/f'}, (['/e', '/f'], ['/c', '/d'])),
            ({'config_dir': '/e;/f'}, (['/a', '/b'], ['/e', '/f'])),
        ):
            found = aggext_conf.find_of_paste(self.environ, options)
            self.assertEqual(expected, found)

    def test_in_a_folder_of_our_own(self) -> None:
        own = self.write('own/nova-aggext.conf')
        self.assertEqual([own], self._found())
        nova = self.write('nova/nova.conf')
        self.assertEqual([nova, own], self._found())
