# SPDX-License-Identifier: Apache-2.0
"""Commands as processes that somebody ends, or stops listening to."""

import datetime
import os
import pty
import signal
import subprocess
import sys

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import commands
from nova_aggext.tests.functional import databases

MANAGE = os.path.join(os.path.dirname(sys.executable), 'nova-aggext-manage')
# Seconds until a command must have ended.
PATIENCE = 60


class EndingsTest(base.TestCase):
    """nova-aggext-manage on a database of SQLite."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())

    def start(
        self, *arguments: str, stdin: int | None = None
    ) -> subprocess.Popen[str]:
        """Start the command."""
        process = subprocess.Popen(
            [MANAGE, '--config-file', self.db.conf_file, *arguments],
            env=commands.environment(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate, timeout=PATIENCE)
        self.addCleanup(process.kill)
        return process

    def insert(self, table: sa.Table, *rows: dict[str, object]) -> None:
        """Insert rows."""
        self.db.database.write(
            lambda session: session.execute(sa.insert(table), list(rows))
        )

    def test_nobody_reads_on(self) -> None:
        """As with ``| head -1``."""
        row = {
            'changed_at': datetime.datetime(2026, 1, 1),
            'operation': 'create_aggregate',
            'aggregate_id': 1,
            'before': '{}',
            'after': '{}',
        }
        self.insert(models.changes, *[row] * 3000)
        process = self.start('changes', 'list', '--format', 'csv')
        assert process.stdout
        assert process.stderr
        self.assertIn('sequence', process.stdout.readline())
        process.stdout.close()
        self.assertEqual('', process.stderr.read())
        self.assertEqual(141, process.wait(PATIENCE))

    def test_interrupt(self) -> None:
        """Somebody does not want to answer a question of a repair."""
        self.insert(models.aggregates, {'id': 1, 'name': 'a', 'uuid': 'a'})
        self.insert(
            models.aggregate_hosts, {'aggregate_id': 1, 'host': 'gone'}
        )
        ours, theirs = pty.openpty()
        for number in (ours, theirs):
            self.addCleanup(os.close, number)
        process = self.start('audit', '--repair', stdin=theirs)
        assert process.stderr
        asked = [process.stderr.readline() for _ in range(3)]
        self.assertIn('anything else', asked[-1])
        process.send_signal(signal.SIGINT)
        self.assertEqual(
            'nova-aggext-manage: interrupted\n', process.stderr.read()
        )
        self.assertEqual(130, process.wait(PATIENCE))
