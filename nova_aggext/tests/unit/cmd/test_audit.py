# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage audit: findings, questions and exit statuses."""

import io
from typing import Any, NoReturn

import fixtures
import sqlalchemy as sa

from nova_aggext.cmd import manage
from nova_aggext.db import changes
from nova_aggext.db import migration
from nova_aggext.db import models
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.hosts import registered
from nova_aggext.tests import record
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.cmd import commands

ZONE = 'availability_zone'


class Terminal(io.StringIO):
    """Somebody who types answers."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


class Interrupted(Terminal):
    """Somebody who has enough."""

    def readline(self, *_limit: Any) -> NoReturn:
        """Interrupt instead of an answer."""
        raise KeyboardInterrupt


class AuditTest(commands.CommandTestCase):
    """The command on a database that others wrote to."""

    def setUp(self) -> None:
        super().setUp()
        migration.sync(self.db.database)
        self._inventory = registered.RegisteredHosts(
            self.db.conf, self.db.database
        )
        self._inventory.add_host('h1', 'h2')
        # SQLite checks no foreign keys unless it is told to.
        self._engine = sa.create_engine(self.db.url)
        self.addCleanup(self._engine.dispose)

    def insert(self, table: sa.Table, **values: Any) -> None:
        """Insert a row that nobody checks."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(table).values(values))

    def aggregate(
        self, aggregate_id: int, hosts: str = '', **metadata: str
    ) -> None:
        """Insert an aggregate."""
        name = f'a{aggregate_id}'
        self.insert(models.aggregates, id=aggregate_id, name=name, uuid=name)
        self.parts(aggregate_id, hosts, **metadata)

    def parts(
        self, aggregate_id: int, hosts: str = '', **metadata: str
    ) -> None:
        """Insert what belongs to an aggregate, be it there or not."""
        one = {'aggregate_id': aggregate_id}
        for host in hosts.split():
            self.insert(models.aggregate_hosts, host=host, **one)
        for key, value in metadata.items():
            self.insert(models.aggregate_metadata, key=key, value=value, **one)

    def audit(self, *arguments: str, status: int) -> Any:
        """Run the command and give what it prints."""
        ended = self.command(
            manage.main, 'audit', *arguments, '--format', 'json'
        )
        self.assertEqual(status, ended.status, ended.err)
        self.err = ended.err
        return ended.json

    def type(self, *answers: str) -> None:
        """Let somebody type answers."""
        text = ''.join(f'{answer}\n' for answer in answers)
        self.useFixture(fixtures.MonkeyPatch('sys.stdin', Terminal(text)))

    def type_nothing(self) -> None:
        """Let nobody be there."""
        self.useFixture(fixtures.MonkeyPatch('sys.stdin', io.StringIO('1\n')))

    def aggregates(self) -> list[records.Aggregate]:
        return self.db.database.read(queries.list_aggregates)

    def members(self) -> list[tuple[str, ...]]:
        return [one.hosts for one in self.aggregates()]

    def changes(self) -> list[changes.Change]:
        return self.db.database.read(record.every)

    def test_usage(self) -> None:
        for arguments in (['--format', 'xml'], ['--yes'], ['nonsense']):
            ended = self.command(manage.main, 'audit', *arguments)
            self.assertEqual(2, ended.status)
            self.assertNotEqual('', ended.err)

    def test_nothing(self) -> None:
        self.aggregate(1, 'h1 h2', availability_zone='z1', k='1')
        self.aggregate(2, 'h1', availability_zone='z1', K='1')
        self.aggregate(3, 'h1')
        self.assertEqual([], self.audit(status=0))
        self.assertEqual([], self.audit('--repair', status=0))

    def test_nothing_is_said(self) -> None:
        self.audit(status=0)
        self.assertEqual('No findings (4 checks).\n', self.err)

    def test_check_that_fails(self) -> None:
        """The others are not hidden, nor what was repaired."""
        self.aggregate(1, 'gone')
        self.parts(7, 'h1')
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[placement]\nauth_type = none\n'
                f'endpoint_override = http://127.0.0.1:{server.free_port()}\n'
            )
        orphans, unknown, placement = self.audit('--repair', status=1)
        self.assertEqual('repaired', orphans['outcome'])
        self.assertEqual('unknown host', unknown['check'])
        self.assertEqual(
            ('placement', 'not checked'),
            (placement['check'], placement['outcome']),
        )
        self.assertIn('[placement]', placement['detail'])
        self.assertIn('Not checked: placement: ', self.err)
        self.assertNotIn('No findings', self.err)

    def test_table(self) -> None:
        self.aggregate(1, 'gone')
        ended = self.command(manage.main, 'audit')
        self.assertEqual(1, ended.status)
        self.assertIn('unknown host', ended.out)

    def test_two_zones(self) -> None:
        self.aggregate(2, 'h1', availability_zone='z2')
        self.aggregate(1, 'h1', availability_zone='z1')
        (found,) = self.audit(status=1)
        self.assertEqual('two zones', found['check'])
        self.assertEqual('h1', found['subject'])
        self.assertEqual([2, 1], found['aggregates'])
        self.assertEqual('found', found['outcome'])
        self.assertEqual([('h1',), ('h1',)], self.members())

    def test_two_zones_are_asked_about(self) -> None:
        self.aggregate(1, 'h1', availability_zone='z1')
        self.aggregate(2, 'h1 h2', availability_zone='z2')
        self.aggregate(3, 'h1', availability_zone='z1')
        self.type('2')
        (found,) = self.audit('--repair', status=0)
        self.assertEqual('repaired', found['outcome'])
        self.assertIn('2: keep zone z2', self.err)
        self.assertEqual([(), ('h1', 'h2'), ()], self.members())
        made = [(one.operation, one.user_id) for one in self.changes()]
        operation = 'remove_host_from_aggregate'
        self.assertEqual([(operation, 'nova-aggext-manage')] * 2, made)

    def test_answer_leaves_it(self) -> None:
        self.aggregate(1, 'h1', availability_zone='z1')
        self.aggregate(2, 'h1', availability_zone='z2')
        for answer in ('', '0', '3', 'x'):
            self.type(answer)
            (found,) = self.audit('--repair', status=1)
            self.assertEqual('left', found['outcome'])
        self.assertEqual([('h1',), ('h1',)], self.members())

    def test_nobody_to_ask(self) -> None:
        self.aggregate(1, 'h1', availability_zone='z1')
        self.aggregate(2, 'h1', availability_zone='z2')
        self.parts(7, 'h1')
        self.type_nothing()
        orphans, zones = self.audit('--repair', status=1)
        self.assertEqual('repaired', orphans['outcome'])
        self.assertEqual('undecided', zones['outcome'])
        self.assertIn('--yes', self.err)
        self.assertEqual([('h1',), ('h1',)], self.members())

    def test_yes_keeps_the_oldest_zone(self) -> None:
        self.aggregate(2, 'h1', availability_zone='z2')
        self.aggregate(1, 'h1', availability_zone='z1')
        self.type_nothing()
        self.audit('--repair', '--yes', status=0)
        self.assertEqual([(), ('h1',)], self.members())

    def test_interrupted(self) -> None:
        """What was repaired until then is told."""
        self.aggregate(1, 'h1', availability_zone='z1')
        self.aggregate(2, 'h1', availability_zone='z2')
        self.parts(7, 'h1')
        self.useFixture(fixtures.MonkeyPatch('sys.stdin', Interrupted()))
        orphans, zones = self.audit('--repair', status=130)
        self.assertEqual('repaired', orphans['outcome'])
        self.assertEqual('two zones', zones['check'])
        self.assertEqual('interrupted', zones['outcome'])
        self.assertEqual(
            'nova-aggext-manage: interrupted', self.err.splitlines()[-1]
        )
        self.assertEqual([('h1',), ('h1',)], self.members())

    def test_rules_hold_for_repairs(self) -> None:
        """No instance changes its zone by a repair."""
        self.aggregate(1, 'h1', availability_zone='z1')
        self.aggregate(2, 'h1', availability_zone='z2')
        self._inventory.add_host('h1', instances=1)
        self.type('2')
        (found,) = self.audit('--repair', status=1)
        self.assertIn('not repaired: ', found['outcome'])
        self.assertIn('has instances', found['outcome'])
        self.assertEqual([('h1',), ('h1',)], self.members())

    def test_orphans(self) -> None:
        self.parts(7, 'h1', k='1', availability_zone='z1')
        (found,) = self.audit(status=1)
        self.assertEqual('orphaned rows', found['check'])
        self.assertEqual([7], found['aggregates'])
        self.type_nothing()
        (found,) = self.audit('--repair', status=0)
        self.assertEqual('repaired', found['outcome'])
        self.assertEqual([], self.audit(status=0))

    def test_unknown_host(self) -> None:
        self.aggregate(1, 'gone h1')
        self.aggregate(2, 'gone')
        (found,) = self.audit(status=1)
        self.assertEqual('unknown host', found['check'])
        self.assertEqual([1, 2], found['aggregates'])
        self.type('1')
        self.audit('--repair', status=0)
        self.assertEqual([('h1',), ()], self.members())

    def test_equal_keys(self) -> None:
        self.aggregate(1, **{'k': '1', 'K ': '2', 'm': '3'})
        (found,) = self.audit(status=1)
        self.assertEqual('equal keys', found['check'])
        self.assertEqual("'k', 'K '", found['subject'])
        self.type('2')
        self.audit('--repair', status=0)
        (one,) = self.aggregates()
        self.assertEqual({'K ': '2', 'm': '3'}, one.metadata)

    def test_key_of_the_zone_is_kept(self) -> None:
        self.aggregate(1, **{'AVAILABILITY_ZONE': 'x', ZONE: 'z1'})
        self.type('1')
        self.audit('--repair', status=0)
        (one,) = self.aggregates()
        self.assertEqual({ZONE: 'z1'}, one.metadata)
