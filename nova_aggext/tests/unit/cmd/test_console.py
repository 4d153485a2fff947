# SPDX-License-Identifier: Apache-2.0
"""How commands end."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable

from oslo_config import cfg

from nova_aggext import exception
from nova_aggext.cmd import console
from nova_aggext.tests import base

# Writes without an end, to somebody who reads a line.
ENDLESS = """
import sys
from nova_aggext.cmd import console

def work():
    while True:
        print('line')

sys.exit(console.guarded('name', work))
"""


class GuardedTest(base.TestCase):
    """Whatever happens, there is a status and a line."""

    def _ended(
        self, work: Callable[[], int], *, debug: bool = False
    ) -> tuple[int, str]:
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            status = console.guarded('name', work, debug=debug)
        return status, err.getvalue()

    def _failed(self, error: BaseException) -> tuple[int, str]:
        def work() -> int:
            raise error

        return self._ended(work)

    def test_well(self) -> None:
        self.assertEqual((7, ''), self._ended(lambda: 7))

    def test_errors_with_a_text(self) -> None:
        for error, text in (
            (exception.ComputeHostNotFound(host='h1'), 'h1'),
            (cfg.Error('of two\n  lines'), 'name: of two lines\n'),
            (PermissionError(13, 'Denied', '/x'), 'name: Denied: /x\n'),
            (OSError(28, 'Full'), 'name: Full\n'),
        ):
            status, said = self._failed(error)
            self.assertEqual(1, status)
            self.assertIn(text, said)
            self.assertEqual(1, said.count('\n'))

    def test_surprise(self) -> None:
        status, said = self._failed(LookupError('one\ntwo'))
        self.assertEqual(1, status)
        self.assertIn('name: LookupError: one', said)
        self.assertNotIn('two', said)

    def test_status_of_a_failure(self) -> None:
        with contextlib.redirect_stderr(io.StringIO()):
            status = console.guarded('name', lambda: [][1], failure=7)
        self.assertEqual(7, status)

    def test_surprise_in_full(self) -> None:
        status, said = self._ended(lambda: [][1], debug=True)
        self.assertEqual(1, status)
        self.assertIn('Traceback', said)
        self.assertIn('name: IndexError', said)

    def test_no_secret(self) -> None:
        _status, said = self._failed(ValueError('mysql://u:secret@h/d'))
        self.assertNotIn('secret', said)
        self.assertIn('h/d', said)

    def test_interrupted(self) -> None:
        ended = self._failed(KeyboardInterrupt())
        self.assertEqual((130, 'name: interrupted\n'), ended)

    def test_nobody_reads(self) -> None:
        with subprocess.Popen(
            [sys.executable, '-c', ENDLESS],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stderr
            self.assertEqual('line\n', process.stdout.readline())
            process.stdout.close()
            self.assertEqual('', process.stderr.read())
        self.assertEqual(141, process.returncode)

    def test_characters_that_an_encoding_lacks(self) -> None:
        done = subprocess.run(
            [
                sys.executable,
                '-c',
                ENDLESS.split('def')[0]
                + "console.guarded('name', lambda: print('\\u4e2d') or 0)",
            ],
            capture_output=True,
            env={**os.environ, 'PYTHONIOENCODING': 'ascii'},
            text=True,
        )
        self.assertEqual(('\\u4e2d\n', ''), (done.stdout, done.stderr))
