# SPDX-License-Identifier: Apache-2.0
"""A restore of our tables to an earlier moment, as the page on it says.

Its commands are run as they stand there, but for the name of the database.
"""

import os
import pathlib
import re
import subprocess

import fixtures
import sqlalchemy as sa

from nova_aggext.cmd import manage
from nova_aggext.outbox import observer
from nova_aggext.tests.functional.changes import base
from nova_aggext.tests.functional.packaging import samples
from nova_aggext.tests.unit.cmd import commands

PAGE = samples.TOP / 'doc/source/admin/backup.rst'
CLIENT = """\
[client]
user = {0.username}
password = {0.password}
host = {0.host}
port = {1}
"""


class RestoreTest(base.ChangesTestCase):
    """Aggregates that changed after the backup."""

    kind = 'mysql'
    options = base.TOLD

    def setUp(self) -> None:
        super().setUp()
        samples.need('mysql', 'mysqldump')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.url = sa.make_url(self.db.url)
        text = CLIENT.format(self.url, self.url.port or 3306)
        self.folder.joinpath('.my.cnf').write_text(text)
        text = PAGE.read_text()
        self.commands = re.findall(r'^   \$ ((?:tables|mysql).*)$', text, re.M)

    def run_commands(self, commands: list[str]) -> None:
        """Run some of the page's commands."""
        lines = '\n'.join(commands)
        subprocess.run(
            ['bash', '-ec', lines.replace('nova_api', str(self.url.database))],
            check=True,
            cwd=self.folder,
            env={**os.environ, 'HOME': str(self.folder)},
        )

    def manage(self, *words: str) -> commands.Ended:
        """Run a command."""
        return commands.run(
            manage.main, '--config-file', str(self.conf_file), *words
        )

    def feed(self, after: int) -> list[base.Document]:
        """Give what a follower hears."""
        answer = self.send('GET', f'/changes?after={after}')
        self.assertEqual(200, answer.status_int, answer.text)
        changes: list[base.Document] = answer.json['changes']
        return changes

    def test_restored(self) -> None:
        *backup, restore = self.commands
        self.assertEqual(2, len(backup))
        before = self.create('before', 'h1')
        (first,) = self.feed(0)
        waiting = self.waiting()
        self.run_commands(backup)
        self.nova(f'/{before["id"]}/action', {'add_host': {'host': 'h3'}})
        before, after = self.show(before['id']), self.create('after', 'h2')
        second = self.feed(first['position'])[0]
        self.assertNotEqual(waiting, self.waiting())

        self.run_commands([restore])
        self.serve()
        self.check_aggregates(before, after)
        self.check_feed(first, second)
        self.assertEqual(waiting, self.waiting())
        self.check_sweep()

    def waiting(self) -> list[base.Document]:
        """Give what waits to be told."""
        done = self.manage('outbox', 'list', '--format', 'json')
        self.assertEqual(0, done.status, done.err)
        found: list[base.Document] = done.json
        return found

    def check_aggregates(self, *shown: base.Document) -> None:
        """They are as they were, and nothing is found of them."""
        for one in shown:
            self.assertEqual(one['etag'], self.show(one['id'])['etag'])
        audit = self.manage('audit')
        self.assertEqual(0, audit.status, audit.out + audit.err)

    def check_feed(self, first: base.Document, second: base.Document) -> None:
        """What came after the backup is gone, and its position free."""
        (told,) = self.feed(0)
        self.assertEqual(first['id'], told['id'])
        ahead = self.send('GET', f'/changes?after={second["position"]}')
        self.refused(ahead, 400, 'query.invalid')
        gone = self.send('GET', f'/changes/{second["id"]}')
        self.assertEqual(404, gone.status_int)

    def check_sweep(self) -> None:
        """It records what the record does not tell."""
        observer.Observer(self.db.database).look(0, None)
        (told,) = self.feed(1)
        self.assertEqual('observed', told['kind'])
        self.assertIsNone(told['user_id'])
        (effect,) = told['effects']
        self.assertEqual('before', effect['aggregate']['name'])
        self.assertEqual({'add': ['h3']}, effect['hosts'])
