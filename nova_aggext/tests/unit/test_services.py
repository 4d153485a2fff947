# SPDX-License-Identifier: Apache-2.0
"""What is shared by those with the same configuration."""

import gc
import os
import pathlib
import threading
import time

import fixtures
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.tests import base


class Thing:
    """Something made of a configuration."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.conf = conf


class SharedTest(base.TestCase):
    """Who gets the same thing, and who another one."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.folder / 'one.conf'
        self.file.write_text('[aggext]\nhosts = one\n')
        self.shared = services.Shared(Thing)

    def of(self, *files: object, dirs: tuple[object, ...] = ()) -> Thing:
        """Ask for the thing of a configuration."""
        conf = aggext_conf.load(
            [str(one) for one in files], [str(one) for one in dirs]
        )
        return self.shared.of(conf)

    def test_same_files(self) -> None:
        """However they are named."""
        first = self.of(self.file)
        self.assertIs(first, self.of(self.file))
        self.assertIs(first, self.of(os.path.relpath(self.file)))

    def test_other_files(self) -> None:
        """Also of the same content: names of other files follow from them."""
        other = self.folder / 'other.conf'
        other.write_bytes(self.file.read_bytes())
        made = [self.of(self.file), self.of(other), self.of(self.file, other)]
        made.append(self.of(other, self.file))
        self.assertEqual(4, len(set(made)))

    def test_directories(self) -> None:
        """They are the same as long as they hold the same."""
        folder = self.folder / 'dir'
        folder.mkdir()
        bare = self.of(self.file)
        made = [self.of(self.file, dirs=(folder,))]
        self.assertIs(bare, made[0])
        for name in ('1.conf', '2.conf'):
            (folder / name).write_text('[aggext]\nhosts = of a directory\n')
            made.append(self.of(self.file, dirs=(folder,)))
            self.assertIs(made[-1], self.of(self.file, dirs=(folder,)))
        self.assertEqual(3, len(set(made)))

    def test_other_content(self) -> None:
        """A file that was written anew is another configuration."""
        first = self.of(self.file)
        text = self.file.read_text()
        self.file.write_text(text.replace('one', 'two'))
        second = self.of(self.file)
        self.assertEqual('two', second.conf.aggext.hosts)
        self.file.write_text(text)
        self.assertIs(first, self.of(self.file))

    def test_nobody_holds_it(self) -> None:
        """Then it is made anew."""
        first = id(self.of(self.file).conf)
        gc.collect()
        kept = self.of(self.file)
        self.assertNotEqual(first, id(kept.conf))

    def test_many_at_once(self) -> None:
        """One makes it, the others wait for that."""
        made: list[Thing] = []

        def make(conf: cfg.ConfigOpts) -> Thing:
            time.sleep(0.05)
            return Thing(conf)

        self.shared = services.Shared(make)
        threads = [
            threading.Thread(target=lambda: made.append(self.of(self.file)))
            for _ in range(4)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual((4, 1), (len(made), len(set(made))))
