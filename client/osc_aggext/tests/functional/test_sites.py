# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate plan``, ``apply``, ``export`` and ``manager``."""

import pathlib
import uuid
from typing import Any

import fixtures

from osc_aggext.tests.functional import base
from osc_aggext.tests.functional import shell

SITE = """\
version: 1
aggregates:
  az1:
    availability_zone: az1
    hosts: ["host[1-3]", "!host2"]
    exclusive: [hosts]
    metadata:
      hall: "1"
  gpu:
    hosts: ["host*"]
"""


class SiteTest(base.ServerTest):
    """A manager of each test, and its file."""

    def setUp(self) -> None:
        super().setUp()
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = folder / 'site.yaml'
        self.file.write_text(SITE)
        self.planned = folder / 'site.plan'
        self.manager = f'm{uuid.uuid4().hex}'
        self.addCleanup(self._remove)

    def _remove(self) -> None:
        service = self.connect()
        for manager in service.managers():
            service.delete_manager(manager.name)
        for one in service.aggregates():
            self._removed(str(one.name))

    def of_site(self, verb: str, *options: str) -> shell.Done:
        """Plan or apply the file."""
        return self.openstack(
            *('aggregate', verb, '-f', str(self.file)),
            *('--manager', self.manager, *options),
        )

    def plan(self, *options: str) -> shell.Done:
        """Plan the file; changes give the exit status 2."""
        return self.of_site('plan', '--detailed-exitcode', *options)

    def apply(self, *options: str) -> shell.Done:
        """Apply the file, which must succeed."""
        done = self.of_site('apply', *options)
        self.assertEqual((0, ''), (done.status, done.err), done.out)
        return done

    def check_refused(self, done: shell.Done, *told: str) -> None:
        """Check that a command failed with this."""
        self.assertEqual(1, done.status, done.out)
        for text in told:
            self.assertIn(text, done.err)

    def test_life(self) -> None:
        """Planned, applied as planned, and then nothing is left to do."""
        done = self.plan('--out', str(self.planned))
        self.assertEqual((2, ''), (done.status, done.err))
        self.assertIn(
            '+ aggregate az1     zone az1, hosts host[1,3], hall=1\n'
            '+ aggregate gpu     hosts host[1-4]\n',
            done.out,
        )
        self.assertIn('\nPlan: 2 to create, 0 to change, 0 to', done.out)
        self.assertEqual([], list(self.connect().aggregates()))
        done = self.run_well(
            *('aggregate', 'apply', '--plan', str(self.planned)),
            *('--reason', 'MR 1', '--format', 'json'),
        )
        change = done.json()
        self.assertEqual(
            ('apply', self.manager, 'MR 1'),
            (change['kind'], change['manager'], change['reason']),
        )
        done = self.plan()
        self.assertEqual(
            (0, 'Plan: nothing to change.\n', ''),
            (done.status, done.out, done.err),
        )

    def test_drift(self) -> None:
        """What others did is named, with who did it."""
        self.apply()
        one = {'aggregate': {'name': 'az1'}}
        changed = {
            **one,
            'hosts': {'add': ['host2'], 'remove': ['host1']},
            'metadata': {'add': {'hall': '2'}},
        }
        change = self.change(aggregates=[changed])['change']
        by = f'by admin, change {change["id"]}, '
        done = self.plan()
        self.assertEqual(2, done.status)
        self.assertIn(
            '    ~ hosts          + host1   - host2   ! drift: host1, removed '
            f'{by}',
            done.out,
        )
        self.assertIn(f'; host2, added {by}', done.out)
        self.assertIn(
            f'    ~ metadata       + hall=1   ! drift: hall was "2", set {by}',
            done.out,
        )
        text = SITE.replace(
            'aggregates', 'defaults: {on_drift: refuse}\nag', 1
        )
        self.file.write_text(text.replace('\nag', '\naggregates', 1))
        self.check_refused(self.plan(), '409 manager.drift', 'Nothing was')

    def test_stale(self) -> None:
        """Other effects than planned are refused, and so is another file."""
        self.plan('--out', str(self.planned))
        self.created('az1', 'host1', availability_zone='az1')
        saved = ('--plan', str(self.planned))
        self.check_refused(
            self.of_site('apply', *saved),
            '412 plan.stale: ',
            'plan again.\nNothing was changed.\n',
        )
        self.file.write_text(SITE + '# another\n')
        self.check_refused(
            self.of_site('apply', *saved), 'not what was planned any more'
        )
        self.check_refused(
            self.openstack('aggregate', 'apply', *saved, '--manager', 'x'),
            f'is a plan of manager {self.manager}',
        )
        self.check_refused(
            self.openstack('aggregate', 'apply', *saved, '--prune'),
            '--prune and --force are said when it is planned',
        )
        self.planned.write_text('{}')
        self.check_refused(
            self.openstack('aggregate', 'apply', *saved), 'it is no plan'
        )

    def test_usage(self) -> None:
        self.check_refused(self.openstack('aggregate', 'apply'), '--plan')
        self.check_refused(
            self.openstack('aggregate', 'apply', '-f', str(self.file)),
            '--manager',
        )

    def test_places(self) -> None:
        """Where in the file it is what the server refuses."""
        self.file.write_text(
            SITE.replace('"host*"', 'nobody').replace('hall', '"a\\tb"')
        )
        where = f'{self.file}:8:15: 400 request.invalid: '
        self.check_refused(self.plan(), where, 'Nothing was changed.')
        self.file.write_text(SITE.replace('"host*"', '"host[1-2]", nobody'))
        where = f'{self.file}:10:26: 400 host.unknown: '
        self.check_refused(self.plan(), where)
        self.file.write_text(SITE.replace('gpu', '7').replace('"1"', '1'))
        self.check_refused(
            self.plan(),
            f'{self.file}:8:13: \'1\' is a number: write "1" for a text.\n'
            f'{self.file}:9:3: \'7\' is a number: write "7" for a text.\n',
        )

    def test_conflict(self) -> None:
        """Others may want something else; force takes it from them."""
        self.apply()
        self.manager = f'm{uuid.uuid4().hex}'
        self.file.write_text(SITE.replace('"1"', '"2"'))
        self.check_refused(
            self.of_site('apply'), ':8:13: 409 manager.conflict: '
        )
        done = self.apply('--force')
        self.assertIn('    ~ metadata       + hall=2\n', done.out)

    def test_prune(self) -> None:
        """What the file does not name any more goes, where it may."""
        self.apply()
        text, _, _ = SITE.partition('  gpu:')
        self.file.write_text(f'{text}  gpu: {{hosts: []}}\n')
        self.apply()
        self.file.write_text(text)
        done = self.of_site('apply', '--dry-run', '--prune')
        self.assertIn('- aggregate gpu (id ', done.out)
        self.apply('--prune')
        names = [one.name for one in self.connect().aggregates()]
        self.assertEqual(['az1'], names)
        self.file.write_text(f'{text}  az1b: {{state: absent}}\n')
        self.apply()

    def test_managers(self) -> None:
        self.file.write_text(f'description: repo\n{SITE}')
        self.apply()
        listed: list[dict[str, Any]] = self.run_well(
            'aggregate', 'manager', 'list', '-f', 'json'
        ).json()
        self.assertEqual([self.manager], [one['Name'] for one in listed])
        self.assertEqual('repo', listed[0]['Description'])
        show = ('aggregate', 'manager', 'show', self.manager)
        shown = self.run_well(*show, '-f', 'json').json()
        self.assertEqual(
            ['host[1,3]'], shown['document']['aggregates'][0]['hosts']
        )
        self.assertIn('"host[1,3]"', self.run_well(*show).out)
        found = self.run_well(
            *('aggregate', 'search', '-f', 'value', '-c', 'Name'),
            *('--manager', self.manager),
        )
        self.assertEqual('az1\ngpu\n', found.out)
        delete = ('aggregate', 'manager', 'delete')
        done = self.openstack(*delete, 'none', self.manager)
        self.check_refused(done, '404 manager.not_found')
        self.assertEqual([], list(self.connect().managers()))
        self.assertEqual(2, len(list(self.connect().aggregates())))
