# SPDX-License-Identifier: Apache-2.0
"""Which policy files are read, when, and what happens if they cannot be."""

import logging
import os
import pathlib
import sys
import threading

import fixtures

from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import exception
from nova_aggext import policy
from nova_aggext.policies import aggregates
from nova_aggext.tests import base

CHANGES = 12
THREADS = 4
# So many that reading them takes a while.
OTHER_RULES = ''.join(f'other:rule:{n}: "role:a{n}"\n' for n in range(200))


def rule(check: str) -> str:
    """Write a policy that says who may list."""
    return f'"{aggregates.INDEX}": "{check}"\n'


class FilesTestCase(base.TestCase):
    """A policy file and a directory of them beside a nova.conf."""

    # Searches on every request.
    interval = 0.0

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.useFixture(
            fixtures.EnvironmentVariable('HOME', str(self.folder / 'home'))
        )
        settings = self.folder / 'nova.conf'
        settings.write_text('')
        self.conf = aggext_conf.load([str(settings)])
        self.seen = 0
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.enforcer = policy.Enforcer(self.conf, self.interval)

    def write(self, name: str, text: str) -> pathlib.Path:
        """Write a file, in the folder or in one below it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def put(self, name: str, text: str, changed_at: float) -> None:
        """Put a file of another time in the place of one, at once."""
        path = self.write(f'{name}.new', text)
        os.utime(path, (changed_at, changed_at))
        path.replace(self.folder / name)

    def may(self, role: str, what: str = aggregates.INDEX) -> bool:
        """Say whether somebody may do a thing, such as list aggregates."""
        who = context.RequestContext(
            policy=self.enforcer.rules,
            roles=[role],
            user_id='me',
            project_id='mine',
        )
        try:
            who.can(what)
        except exception.PolicyNotAuthorized:
            return False
        return True

    def require_closed(self) -> None:
        """Check that nobody may do anything."""
        for role in ('admin', 'reader'):
            error = self.assertRaises(
                exception.PolicyUnavailable, self.may, role
            )
            self.assertIn('[oslo_policy]', str(error))
            self.assertNotIn(str(self.folder), str(error))

    def told(self, start: str) -> list[str]:
        """Give the lines of the log that begin so and were not given yet."""
        output = self.log.output
        new, self.seen = output[self.seen :], len(output)
        return [line for line in new.splitlines() if line.startswith(start)]


class PlacesTest(FilesTestCase):
    """Where files are looked for."""

    def test_places_of_nova(self) -> None:
        """Without a file beside the configuration, where Nova looks."""
        self.write('home/.nova/policy.yaml', rule('role:reader'))
        self.write('home/.nova-aggext/policy.yaml', rule('role:other'))
        self.assertTrue(self.may('reader'))
        self.write('policy.yaml', rule('role:member'))
        self.assertFalse(self.may('reader'))
        self.assertTrue(self.may('member'))

    def test_directory(self) -> None:
        self.write('policy.yaml', rule('role:reader'))
        self.write('policy.d/2.yaml', rule('role:two'))
        self.write('policy.d/1.yaml', rule('role:one'))
        self.write('policy.d/.3.yaml', rule('role:three'))
        self.write('policy.d/folder/4.yaml', rule('role:four'))
        roles = ('reader', 'one', 'two', 'three', 'four')
        self.assertEqual(['two'], [role for role in roles if self.may(role)])

    def test_log(self) -> None:
        """It says once what was read."""
        path = self.write('policy.yaml', rule('role:reader'))
        for _ in range(3):
            self.may('reader')
        (line,) = self.told('The policy was read')
        self.assertIn(str(path), line)


class AtOnceTest(FilesTestCase):
    """The file that ``policy_file`` names is looked at on every request."""

    interval = 1e6

    def test_every_change_counts(self) -> None:
        """Also one to a file that is older, or that is as long and as old."""
        self.put('policy.yaml', rule('role:reader'), 2e9)
        self.assertTrue(self.may('reader'))
        self.put('policy.yaml', rule('role:member'), 1e9)
        self.assertFalse(self.may('reader'))
        self.put('policy.yaml', rule('role:reader'), 1e9)
        self.assertTrue(self.may('reader'))

    def test_vanished(self) -> None:
        """The defaults hold, as they do for a process that starts now."""
        path = self.write('policy.yaml', rule('role:reader'))
        self.assertTrue(self.may('reader'))
        path.unlink()
        self.assertFalse(self.may('reader'))
        self.assertTrue(self.may('admin'))

    def test_load(self) -> None:
        """What is wrong is logged before there is a request."""
        self.write('policy.yaml', '- a')
        self.enforcer.load()
        self.assertEqual(1, len(self.told('The policy cannot be read')))


class SearchTest(FilesTestCase):
    """Other files, at the next search."""

    def test_new_file_is_found(self) -> None:
        self.assertFalse(self.may('reader'))
        self.write('policy.yaml', rule('role:reader'))
        self.assertTrue(self.may('reader'))

    def test_directory(self) -> None:
        self.assertFalse(self.may('reader'))
        self.put('policy.d/1.yaml', rule('role:reader'), 2e9)
        self.assertTrue(self.may('reader'))
        self.put('policy.d/1.yaml', rule('role:member'), 1e9)
        self.assertFalse(self.may('reader'))
        self.assertTrue(self.may('member'))
        (self.folder / 'policy.d/1.yaml').unlink()
        self.assertFalse(self.may('member'))
        self.assertTrue(self.may('admin'))


class UnreadableTest(FilesTestCase):
    """Whatever cannot be read closes, at the start and later."""

    def break_file(self, name: str, content: str | None) -> pathlib.Path:
        """Write nonsense, or a link that leads nowhere."""
        if content is not None:
            return self.write(name, content)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(self.folder / 'nowhere')
        return path

    def _breaks(self, name: str, content: str | None) -> None:
        path = self.break_file(name, content)
        for _ in range(3):
            self.require_closed()
        (line,) = self.told('The policy cannot be read')
        self.assertIn(f'{path}: ', line)
        error = self.assertRaises(
            exception.ConfigurationError, self.enforcer.check
        )
        self.assertIn(f'{path}: ', str(error))

    def _mended(self, name: str) -> None:
        (self.folder / name).unlink()
        self.write(name, rule('role:reader'))
        self.assertTrue(self.may('reader'))
        self.assertEqual(1, len(self.told('The policy was read')))
        self.enforcer.check()

    def test_broken(self) -> None:
        for name in ('policy.yaml', 'policy.d/1.yaml'):
            for content in ('"a: b', '{a: [}', '- a', 'a', 'a: 5', '\x00'):
                # The first time nothing was read before.
                self._breaks(name, content)
                self._mended(name)

    def test_missing_in_a_directory(self) -> None:
        self._breaks('policy.d/1.yaml', None)
        self._mended('policy.d/1.yaml')

    def test_a_folder_in_the_place_of_a_file(self) -> None:
        """It can be opened as little as a file in want of permission."""
        path = self.folder / 'policy.yaml'
        path.mkdir()
        self.write('policy.d/1.yaml', rule('role:reader'))
        self.require_closed()
        self.assertIn(f'{path}: ', self.told('The policy cannot')[0])

    def test_no_directory(self) -> None:
        self._breaks('policy.d', '')
        (self.folder / 'policy.d').unlink()
        self.assertTrue(self.may('admin'))

    def test_another_fault_is_said(self) -> None:
        for content in ('- a', '"a'):
            self.write('policy.yaml', content)
            self.require_closed()
            self.assertEqual(1, len(self.told('The policy cannot be read')))


class ThreadsTest(FilesTestCase):
    """Rules are read again while others ask."""

    interval = 1e6

    def test_nobody_is_refused_what_every_version_allows(self) -> None:
        """And whoever asks after a change is decided by it."""
        before = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, before)
        sys.setswitchinterval(1e-6)
        self.put('policy.yaml', rule('role:role1'), 1e9)
        self.assertFalse(self.may('reader'))
        done = threading.Event()
        refused: list[bool] = []

        def ask() -> None:
            while not done.is_set():
                if not self.may('admin', aggregates.CREATE):
                    refused.append(True)

        askers = [threading.Thread(target=ask) for _ in range(THREADS)]
        for one in askers:
            one.start()
        late = []
        for number in range(CHANGES):
            role = f'role{number % 2}'
            text = rule(f'role:{role}') + OTHER_RULES
            self.put('policy.yaml', text, 1e9 + number)
            late += [not self.may(role), self.may(f'role{1 - number % 2}')]
        done.set()
        for one in askers:
            one.join(60)
        self.assertEqual([], refused)
        self.assertNotIn(True, late)
