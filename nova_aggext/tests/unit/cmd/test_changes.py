# SPDX-License-Identifier: Apache-2.0
"""``changes``: who changed what."""

import csv
import datetime
import io
import json

import sqlalchemy as sa

from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import feed
from nova_aggext.db import models
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.cmd import test_manage


class ChangesTest(test_manage.ManageTestCase):
    """``changes``."""

    def setUp(self) -> None:
        super().setUp()
        self.manage('db', 'sync')
        inventory = stubs.Inventory(h1=0)
        use = api.AggregateAPI(self.db.database, inventory, ports.Silent())
        who = stubs.caller(user_id='me', project_id='mine')
        one = use.create_aggregate(who, 'a', 'z1')
        other = use.create_aggregate(who, 'b', None)
        use.add_host_to_aggregate(who, one.id, 'h1')
        use.delete_aggregate(who, other.id)

    def _operations(self, *arguments: str) -> list[str]:
        found = self.show('changes', 'list', *arguments)
        return [change['operation'] for change in found]

    def test_all(self) -> None:
        first, *others = self.show('changes', 'list')
        self.assertEqual(3, len(others))
        self.assertEqual(
            ('me', 'mine', 'create_aggregate', None, {}),
            (
                first['user_id'],
                first['project_id'],
                first['operation'],
                first['host'],
                first['before'],
            ),
        )
        self.assertEqual(
            {'availability_zone': 'z1'}, first['after']['metadata']
        )

    def test_filters(self) -> None:
        one, other = 'create_aggregate', 'add_host_to_aggregate'
        self.assertEqual([one, other], self._operations('--aggregate', '1'))
        self.assertEqual([other], self._operations('--host', 'h1'))
        self.assertEqual([], self._operations('--host', 'h2'))

    def test_since(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        hour = datetime.timedelta(hours=1)
        east = datetime.timezone(5 * hour)
        for moment, count in (
            (now + hour, 0),
            (now - hour, 4),
            ((now + hour).replace(tzinfo=None), 0),
            ((now + hour).astimezone(east), 0),
            ((now - hour).astimezone(east), 4),
        ):
            found = self._operations('--since', moment.isoformat())
            self.assertEqual(count, len(found))

    def test_until(self) -> None:
        """What is since a time and what is until then are all."""
        for change in self.show('changes', 'list'):
            moment = change['changed_at']
            earlier = self._operations('--until', moment)
            later = self._operations('--since', moment)
            self.assertEqual(change['sequence'] - 1, len(earlier))
            self.assertEqual(self._operations(), earlier + later)

    def test_newest_first(self) -> None:
        operations = self._operations()
        newest = self._operations('--reverse')
        self.assertEqual(operations[::-1], newest)
        self.assertEqual(operations[:2], self._operations('--limit', '2'))
        self.assertEqual(
            newest[:1], self._operations('--limit', '1', '--reverse')
        )

    def test_after(self) -> None:
        """They go on after a position; none is missed unawares."""
        positions = [one['position'] for one in self.show('changes', 'list')]
        self.assertEqual([1, 2, 3, 4], positions)
        for after, wanted in (('0', 4), ('2', 2), ('4', 0), ('99', 0)):
            found = self._operations('--after', after)
            self.assertEqual(wanted, len(found))
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        self.db.database.write(lambda session: feed.forget(session, now))
        ended = self.manage('changes', 'list', '--after', '3', status=1)
        self.assertIn('4 is the oldest', ended.err)
        self.assertEqual([], self._operations())

    def test_table(self) -> None:
        table = self.manage('changes', 'list').out
        self.assertIn('| add_host_to_aggregate |', table)
        self.assertNotIn('{', table)
        table = self.manage('changes', 'list', '--long').out
        self.assertIn('{"hosts": ["h1"]}', table)

    def test_table_fits(self) -> None:
        """Also where the values are as long as they can be."""
        long = {'user_id': 'u' * 64, 'host': 'h' * 255}
        self.db.database.write(
            lambda session: session.execute(
                sa.update(models.changes).values(long)
            )
        )
        ended = self.manage('changes', 'list', '--max-width', '80')
        self.assertEqual({80}, {len(line) for line in ended.out.splitlines()})

    def test_columns(self) -> None:
        ended = self.manage(
            *('changes', 'list', '-f', 'value', '-c', 'host', '-c', 'after')
        )
        self.assertIn('h1 {"hosts": ["h1"]}', ended.out.splitlines())

    def test_other_forms(self) -> None:
        listed = self.show('changes', 'list')
        ended = self.manage('changes', 'list', '-f', 'csv')
        rows = list(csv.DictReader(io.StringIO(ended.out)))
        self.assertEqual(
            [one['before'] for one in listed],
            [json.loads(one['before']) for one in rows],
        )
        ended = self.manage('changes', 'list', '-f', 'yaml')
        self.assertIn('hosts:', ended.out)

    def test_purge_keeps_what_is_young(self) -> None:
        self.manage('changes', 'purge')
        self.assertEqual(4, len(self._operations()))

    def test_purge_is_off(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[aggext]\nchange_retention_days = 0\n')
        self.manage('changes', 'purge')
        self.assertEqual(4, len(self._operations()))


class ManyChangesTest(test_manage.ManageTestCase):
    """More changes than a table or a page holds."""

    COUNT = 2500

    def setUp(self) -> None:
        super().setUp()
        self.manage('db', 'sync')
        row = {
            'changed_at': datetime.datetime(2026, 1, 1),
            'operation': 'create_aggregate',
            'aggregate_id': 1,
            'before': '{}',
            'after': '{}',
        }
        self.db.database.write(
            lambda session: session.execute(
                sa.insert(models.changes), [row] * self.COUNT
            )
        )

    def test_all_where_they_are_not_held(self) -> None:
        everything = list(range(1, self.COUNT + 1))
        for arguments, expected in (
            ((), everything),
            (('--reverse',), everything[::-1]),
            (('--limit', '1001'), everything[:1001]),
        ):
            found = self.show('changes', 'list', *arguments)
            self.assertEqual(expected, [one['sequence'] for one in found])

    def test_table(self) -> None:
        """It says that there are more, and shows them if it is told to."""
        for arguments, rows in (
            ((), 1000),
            (('--limit', '1'), 1),
            (('--limit', '2000'), 2000),
        ):
            ended = self.manage('changes', 'list', *arguments)
            self.assertEqual(rows + 4, len(ended.out.splitlines()))
            self.assertEqual(not arguments, '--limit' in ended.err)
