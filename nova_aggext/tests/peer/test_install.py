# SPDX-License-Identifier: Apache-2.0
"""The filter is put into a Nova with data, and taken out again."""

import json
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import schema

from nova_aggext.tests.functional import databases as functional_databases
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import environment
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import links
from nova_aggext.tests.peer import processes

OURS = 'aggext_'
VERSION_TABLE = 'alembic_version_aggext'
# The first version of the API database that nova-manage can make.
FIRST = 'd67eeaabee36'
COMMAND = 'nova-aggext-manage db sync'


class InstallTest(base.PeerTest):
    """Each test has an API database of its own, with two hosts."""

    nova: ClassVar[clouds.Nova]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.nova.serve_placement()
        hosts = inventory.Inventory(cls.nova.databases)
        for host in ('one', 'two'):
            hosts.add_host(host, mapping=False)

    def setUp(self) -> None:
        super().setUp()
        self.nova.databases.restore(databases.API)

    def serve(self, *, filtered: bool) -> processes.Process:
        """Start the API, for this test."""
        self.nova.use_filter(filtered)
        return self.useFixture(self.nova.api())

    def fill(self, server: processes.Process, name: str) -> None:
        """Make aggregates with everything that one can have."""
        self.made(server, f'{name}-empty')
        full = self.made(server, f'{name}-full', 'z', ('one', 'two'))
        metadata = {'ssd': 'true', 'pinned': 'no'}
        self.ok(self.act(server, full, 'set_metadata', {'metadata': metadata}))

    def change(self, server: processes.Process) -> None:
        """Change every aggregate that is there, in each way."""
        for number, aggregate in enumerate(self.listed(server)):
            path = f'{base.AGGREGATES}/{aggregate["id"]}'
            name = {'aggregate': {'name': f'changed-{number}'}}
            self.ok(self.call(server, 'PUT', path, name))
            what = {'metadata': {'ssd': None, 'changed': str(number)}}
            self.ok(self.act(server, aggregate, 'set_metadata', what))
            for host in aggregate['hosts'][:1]:
                what = {'host': host}
                self.ok(self.act(server, aggregate, 'remove_host', what))

    def remove_all(self, server: processes.Process) -> None:
        """Delete every aggregate."""
        for aggregate in self.listed(server):
            for host in aggregate['hosts']:
                what = {'host': host}
                self.ok(self.act(server, aggregate, 'remove_host', what))
            path = f'{base.AGGREGATES}/{aggregate["id"]}'
            self.assertEqual(200, self.call(server, 'DELETE', path).status)
        self.assertEqual([], self.listed(server))

    def own_tables(self) -> set[str]:
        """Return the tables that Nova does not have."""
        with self.nova.databases.engine(databases.API).connect() as open_:
            tables = set(open_.scalars(sa.text('SHOW TABLES')))
        return {t for t in tables if t.startswith(OURS) or t == VERSION_TABLE}

    def test_both_work_on_the_same_aggregates(self) -> None:
        self.nova.sync()
        ours = self.serve(filtered=True)
        theirs = self.serve(filtered=False)
        self.fill(theirs, 'theirs')
        self.assertEqual(self.listed(theirs), self.listed(ours))
        self.change(ours)
        self.assertEqual(self.listed(theirs), self.listed(ours))
        self.remove_all(theirs)
        self.fill(ours, 'ours')
        self.assertEqual(self.listed(theirs), self.listed(ours))
        self.change(theirs)
        self.assertEqual(self.listed(theirs), self.listed(ours))
        self.remove_all(ours)
        self.assertEqual([], self.listed(theirs))

    def test_install_uninstall_reinstall(self) -> None:
        server = self.serve(filtered=False)
        self.fill(server, 'nova')
        before = self.listed(server)
        self.nova.sync()
        self.nova.use_filter(True)
        server.restart()
        self.assertEqual(before, self.listed(server))
        self.change(server)
        changed = self.listed(server)
        self.nova.use_filter(False)
        server.restart()
        self.assertEqual(changed, self.listed(server))
        self.change(server)
        changed = self.listed(server)
        self.nova.use_filter(True)
        server.restart()
        self.assertEqual(changed, self.listed(server))
        self.remove_all(server)

    def test_sync_leaves_the_databases_of_nova_as_they_are(self) -> None:
        server = self.serve(filtered=False)
        self.fill(server, 'nova')
        server.stop()
        before = [self.nova.databases.dump(p) for p in databases.PARTS]
        self.nova.sync()
        ours = tuple(self.own_tables())
        self.assertIn(VERSION_TABLE, ours)
        for part, text in zip(databases.PARTS, before, strict=True):
            self.same_text(text, self.nova.databases.dump(part, without=ours))

    def test_nova_syncs_after_us(self) -> None:
        self.nova.sync()
        before = self.nova.databases.dump(databases.API)
        self.nova.manage('api_db', 'sync')
        self.nova.manage('db', 'sync')
        self.same_text(before, self.nova.databases.dump(databases.API))
        self.nova.sync()
        self.same_text(before, self.nova.databases.dump(databases.API))

    def test_without_the_tables_of_nova_it_does_not_sync(self) -> None:
        self.nova.databases.empty(databases.API)
        status, said = self.nova.environment.run(
            'nova-aggext-manage', self.nova.conf_file, 'db', 'sync'
        )
        self.assertEqual(1, status, said)
        self.assertIn('nova-manage api_db sync', said)
        self.assertEqual(1, said.count('\n'), said)
        self.nova.manage('api_db', 'sync')
        self.nova.sync()
        before = self.nova.databases.dump(databases.API)
        self.nova.manage('api_db', 'sync')
        self.same_text(before, self.nova.databases.dump(databases.API))

    def test_nova_upgrades_after_us(self) -> None:
        self.nova.databases.empty(databases.API)
        self.nova.manage('api_db', 'sync', FIRST)
        self.nova.sync()
        ours = tuple(self.own_tables())
        self.nova.manage('api_db', 'sync')
        newest = self.nova.databases.dump(databases.API, without=ours)
        self.nova.databases.empty(databases.API)
        self.nova.manage('api_db', 'sync')
        found = self.nova.databases.dump(databases.API)
        # SQLAlchemy makes indexes in any order.
        self.assertEqual(_lines(newest), _lines(found))

    def test_without_our_tables_it_refuses_to_start(self) -> None:
        self.nova.use_filter(True)
        api = self.nova.api()
        error = self.assertRaises(RuntimeError, self.start, api)
        lines = [li for li in str(error).splitlines() if COMMAND in li]
        # Gunicorn shows the error with its class and without.
        self.assertEqual(1, len({li.split('Error: ')[-1] for li in lines}))
        self.nova.sync()
        self.assertEqual([], self.listed(self.useFixture(self.nova.api())))

    def start(self, api: processes.Process) -> None:
        """Start a process, and stop it at the end."""
        self.addCleanup(api.stop)
        api.start()

    def test_database_away(self) -> None:
        url = self.nova.databases.url(databases.API)
        link = self.useFixture(links.Link(links.address(url)))
        # Only the filter goes through the link.
        own = self.nova.folder / 'nova-aggext.conf'
        own.write_text(
            f'[api_database]\nconnection = {links.through(url, link.port)}\n'
        )
        self.addCleanup(own.unlink)
        self.nova.sync()
        server = self.serve(filtered=True)
        self.fill(server, 'before')
        before = self.listed(server)
        link.cut()
        for answer in self.all_calls(server, before[0]):
            self.assertEqual(503, answer.status, str(answer.body))
            self.assertIn('serviceUnavailable', json.loads(answer.body))
            self.assertIsNotNone(self.header(answer, 'Retry-After'))
        for path in ('/v2.1/flavors', '/v2.1/os-services', '/v2.1/servers'):
            self.assertEqual(200, self.call(server, 'GET', path).status)
        link.mend()
        self.assertEqual(before, self.listed(server))
        self.change(server)

    def all_calls(
        self, server: processes.Process, aggregate: dict[str, Any]
    ) -> list[client.Answer]:
        """Return the answers to one call of each kind."""
        path = f'{base.AGGREGATES}/{aggregate["id"]}'
        name = {'aggregate': {'name': 'away'}}
        return [
            self.call(server, 'GET', base.AGGREGATES),
            self.call(server, 'POST', base.AGGREGATES, name),
            self.call(server, 'GET', path),
            self.call(server, 'PUT', path, name),
            self.call(server, 'DELETE', path),
            self.add_host(server, aggregate, 'one'),
            self.act(server, aggregate, 'remove_host', {'host': 'one'}),
            self.act(server, aggregate, 'set_metadata', {'metadata': {}}),
        ]

    def test_error_of_ours_is_a_fault(self) -> None:
        self.nova.sync()
        server = self.serve(filtered=True)
        rename = 'RENAME TABLE {} TO {}'
        lost = ('aggext_changes', 'lost')
        self.nova.databases.execute(databases.API, rename.format(*lost))
        name = {'aggregate': {'name': 'lost'}}
        answer = self.call(server, 'POST', base.AGGREGATES, name)
        self.assertEqual(500, answer.status)
        self.assertEqual(500, json.loads(answer.body)['computeFault']['code'])
        self.assertNotIn(b'aggext_changes', answer.body)
        self.assertEqual([], self.listed(server))
        self.assertEqual(200, self.call(server, 'GET', '/v2.1/flavors').status)
        self.nova.databases.execute(databases.API, rename.format(*lost[::-1]))
        self.fill(server, 'found')


class PostgreSQLTest(base.PeerTest):
    """Two programs make tables in an API database on PostgreSQL."""

    def setUp(self) -> None:
        super().setUp()
        self.environment = environment.prepared()
        database = functional_databases.Database('postgresql', synced=False)
        made = self.useFixture(database)
        self.conf_file = made.conf_file
        self.engine = sa.create_engine(made.url)
        self.addCleanup(self.engine.dispose)

    def nova_syncs(self, *version: str) -> None:
        """Let Nova make or upgrade its tables."""
        self.environment.succeed(
            'nova-manage', self.conf_file, 'api_db', 'sync', *version
        )

    def we_sync(self) -> None:
        """Make our tables."""
        self.environment.succeed(
            'nova-aggext-manage', self.conf_file, 'db', 'sync'
        )

    def tables(self) -> dict[str, list[str]]:
        """Return what makes each table."""
        metadata = sa.MetaData()
        metadata.reflect(self.engine)
        return {
            table.name: [
                *_lines(str(schema.CreateTable(table).compile(self.engine))),
                *sorted(
                    str(schema.CreateIndex(index).compile(self.engine))
                    for index in table.indexes
                ),
            ]
            for table in metadata.tables.values()
        }

    def test_each_syncs_after_the_other(self) -> None:
        self.nova_syncs(FIRST)
        self.we_sync()
        ours = set(self.tables())
        self.nova_syncs()
        both = self.tables()
        self.nova_syncs()
        self.we_sync()
        self.assertEqual(both, self.tables())
        self.assertIn(VERSION_TABLE, ours)

    def test_sync_leaves_the_tables_of_nova_as_they_are(self) -> None:
        self.nova_syncs()
        before = self.tables()
        self.we_sync()
        after = self.tables()
        self.assertEqual(before, {name: after[name] for name in before})
        more = {name for name in after if name not in before}
        strange = {name for name in more if not name.startswith(OURS)}
        self.assertEqual({VERSION_TABLE}, strange)


def _lines(text: str) -> list[str]:
    """Return the lines of statements, whatever their order."""
    return sorted(line.strip().rstrip(',') for line in text.splitlines())
