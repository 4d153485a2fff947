# SPDX-License-Identifier: Apache-2.0
"""What is installed: the wheel of a source tree without git."""

import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile
from typing import ClassVar

import fixtures

from nova_aggext import extras
from nova_aggext.tests import base
from nova_aggext.tests.unit import layers

TREE = layers.FOLDER.parent
FILES = (
    'LICENSE',
    'README.rst',
    'pyproject.toml',
    'requirements.txt',
    'setup.cfg',
    'setup.py',
)
FOLDERS = ('etc', 'nova_aggext')
BUILD = 'import sys; from pbr import build; build.build_wheel(sys.argv[1])'
SECONDS = 120


class WheelTest(base.TestCase):
    """Built once, as a distributor does who has a tarball of the tree."""

    wheel: ClassVar[pathlib.Path]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        made = fixtures.TempDir()
        made.setUp()
        cls.addClassCleanup(made.cleanUp)
        folder = pathlib.Path(made.path)
        tree = folder / 'tree'
        tree.mkdir()
        for name in FILES:
            shutil.copy(TREE / name, tree / name)
        unwanted = shutil.ignore_patterns('__pycache__')
        for name in FOLDERS:
            shutil.copytree(TREE / name, tree / name, ignore=unwanted)
        subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', BUILD, str(folder)],
            cwd=tree,
            # Git must not find one in a folder above.
            env={
                **os.environ,
                'PBR_VERSION': '1.2.3',
                'GIT_CEILING_DIRECTORIES': str(folder),
            },
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=SECONDS,
        )
        (cls.wheel,) = folder.glob('*.whl')

    def test_contents(self) -> None:
        """All of the package, none of its tests, and what is configured."""
        with zipfile.ZipFile(self.wheel) as wheel:
            found = {name for name in wheel.namelist() if '.dist-' not in name}
        package = {
            str(path.relative_to(TREE))
            for path in layers.FOLDER.rglob('*')
            if path.is_file()
            and path.suffix != '.pyc'
            and not path.is_relative_to(layers.FOLDER / 'tests')
        }
        data = {
            f'nova_aggext-1.2.3.data/data/{_installed(path)}'
            for path in (TREE / 'etc').rglob('*')
            if path.is_file()
        }
        self.assertEqual(package | data, found)
        # What else may be called by others is for tests of drivers.
        self.assertEqual(
            {'__init__.py', 'host_inventory.py'},
            {
                pathlib.PurePath(name).name
                for name in found
                if name.startswith('nova_aggext/testing/')
            },
        )

    def test_metadata(self) -> None:
        """Entry points, and the extra that is asked for."""
        with zipfile.ZipFile(self.wheel) as wheel:
            folder = 'nova_aggext-1.2.3.dist-info'
            metadata = wheel.read(f'{folder}/METADATA').decode()
            points = wheel.read(f'{folder}/entry_points.txt').decode()
        for package in extras.MEMCACHED.values():
            self.assertIn(f'Requires-Dist: {package}>=', metadata)
        written, declared = _parser(), _parser()
        written.read_string(points)
        declared.read(TREE / 'setup.cfg')
        groups = declared['entry_points']
        self.assertEqual(set(groups), set(written.sections()))


def _installed(path: pathlib.Path) -> pathlib.PurePath:
    """Give the place of a file of ``etc``, below the environment.

    What configures the package is where it looks for it, and what bash
    completes is where bash does.
    """
    place = path.relative_to(TREE / 'etc')
    if place.parts[0] == 'nova-aggext':
        return 'etc' / place
    if place.parts[0] == 'bash-completion':
        return pathlib.PurePath(
            'share/bash-completion/completions', place.name
        )
    return 'share/nova-aggext' / place


def _parser() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(delimiters=('=',))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    return parser
