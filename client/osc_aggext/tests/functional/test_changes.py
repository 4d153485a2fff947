# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate change``."""

import json
import pathlib
import signal
import subprocess
import sys
import threading
import uuid
from typing import Any

import fixtures

from osc_aggext.sdk import errors
from osc_aggext.tests.functional import base


class ChangeTest(base.ServerTest):
    """Changes are made from files, listed, followed and undone."""

    def setUp(self) -> None:
        super().setUp()
        self.created('east', 'host1', availability_zone='az1')
        self.created('ssd')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.folder / 'change.json'
        self.write(
            {
                'aggregates': [
                    {
                        'aggregate': {'name': 'ssd'},
                        'hosts': {'add': ['host[1-2]']},
                        'metadata': {'add': {'ssd': 'true'}},
                    }
                ]
            }
        )

    def write(self, change: Any) -> None:
        """Write the file of the change."""
        self.file.write_text(json.dumps(change))

    def create(self, *options: str) -> dict[str, Any]:
        """Make the change; give what was answered."""
        done = self.run_well(
            *('aggregate', 'change', 'create', '-f', str(self.file)),
            *('--format', 'json', *options),
        )
        return dict(done.json())

    def listed(self, *options: str) -> list[dict[str, Any]]:
        """Give the list of changes."""
        done = self.run_well(
            *('aggregate', 'change', 'list', '-f', 'json', *options)
        )
        return list(done.json())

    def test_create(self) -> None:
        planned = self.create('--dry-run')
        self.assertIs(True, planned['dry_run'])
        made = self.create('--reason', 'CHG-2')
        self.assertEqual(planned['digest'], made['digest'])
        self.assertEqual('CHG-2', made['reason'])
        shown = self.listed('--limit', '1')[0]
        self.assertEqual('ssd: +2 hosts, metadata ssd', shown['Effects'])
        self.assertEqual('CHG-2', shown['Reason'])

    def test_create_again(self) -> None:
        """With an id it is made once."""
        chosen = str(uuid.uuid4())
        first = self.create('--id', chosen)
        self.assertEqual(chosen, first['id'])
        again = self.create('--id', chosen)
        self.assertEqual(first['effects'], again['effects'])
        self.assertEqual(
            chosen, self.listed('--limit', '1', '--long')[0]['ID']
        )

    def test_create_from_what_is_no_change(self) -> None:
        for text, said in (
            ('{"change": {}}', '400 request.invalid'),
            ('{', 'change.json: Expecting property name'),
            ('[]', 'change.json: it is no JSON object'),
            ('{"a": 1, "a": 2}', 'change.json: a key comes twice'),
        ):
            self.file.write_text(text)
            done = self.openstack(
                'aggregate', 'change', 'create', '-f', str(self.file)
            )
            self.assertEqual(1, done.status)
            self.assertIn(said, done.err)
        done = self.openstack('aggregate', 'change', 'create', '-f', 'none')
        self.assertEqual(
            (1, 'none: No such file or directory\n'), (done.status, done.err)
        )

    def test_show(self) -> None:
        made = self.create()
        show = ('aggregate', 'change', 'show', made['id'])
        shown = self.run_well(*show, '--wait', '-f', 'json').json()
        self.assertEqual('done', shown['delivery'])
        self.assertEqual(made['effects'], shown['effects'])
        table = self.run_well(*show).out
        self.assertIn('~ hosts          + host[1-2]', table)

    def test_revert(self) -> None:
        made = self.create()
        revert = ('aggregate', 'change', 'revert', made['id'])
        done = self.run_well(*revert, '--dry-run')
        self.assertIn('Plan: 0 to create, 1 to change', done.out)
        done = self.run_well(*revert)
        self.assertIn('    ~ metadata       - ssd\n', done.out)
        done = self.openstack(*revert)
        self.assertEqual(1, done.status)
        self.assertIn('409 revert.overtaken: ', done.err)

    def test_filters(self) -> None:
        made = self.create()
        (ssd,) = self.connect().aggregates({'name': 'ssd'})
        for options in (
            ('--aggregate', 'ssd', '--limit', '1'),
            ('--aggregate', f'id:{ssd.id}', '--limit', '1'),
            ('--host', 'host2', '--limit', '1'),
            ('--request', made['request_id']),
            ('--since', made['changed_at'], '--kind', 'change'),
            ('--user', 'admin', '--project', 'admin', '--limit', '1'),
        ):
            found = self.listed(*options, '--long')
            self.assertEqual([made['id']], [one['ID'] for one in found])
        self.assertEqual([], self.listed('--manager', 'nobody'))

    def test_follow(self) -> None:
        """From a position, or from now on; by pages of the server."""
        position = self.connect().head_position()
        first = self.create()
        found = self.listed('--follow', '--after', position, '--limit', '1')
        self.assertEqual('ssd: +2 hosts, metadata ssd', found[0]['Effects'])
        later = threading.Timer(
            1.0, self.change, kwargs={'revert': first['id']}
        )
        later.start()
        self.addCleanup(later.join)
        found = self.listed('--follow', '--limit', '1')
        self.assertEqual('revert', found[0]['Kind'])

    def test_follow_at_once(self) -> None:
        """Each is printed when it is there, also into a pipe."""
        position = self.connect().head_position()
        command = ('aggregate', 'change', 'list', '--follow', '--after')
        for form in ((), ('-f', 'value'), ('-f', 'csv')):
            process = subprocess.Popen(
                [
                    *(pathlib.Path(sys.executable).parent / 'openstack',),
                    *('--os-auth-type', 'none'),
                    *('--os-endpoint', self.endpoint),
                    *(*command, position, *form),
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            assert process.stdout
            made = self.create()
            line = process.stdout.readline()
            if 'csv' in form:
                line = process.stdout.readline()
            self.assertIn('ssd: +2 hosts, metadata ssd', line)
            process.send_signal(signal.SIGINT)
            self.assertEqual(0, process.wait(30))
            self.change(revert=made['id'])
            position = self.connect().head_position()

    def test_after_without_follow(self) -> None:
        done = self.openstack('aggregate', 'change', 'list', '--after', '1')
        self.assertEqual(1, done.status)
        self.assertIn('--follow', done.err)

    def test_too_far(self) -> None:
        service = self.connect()
        self.assertRaises(
            errors.Invalid, service.changes_after, str(10**9), None
        )
