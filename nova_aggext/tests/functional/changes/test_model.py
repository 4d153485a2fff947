# SPDX-License-Identifier: Apache-2.0
"""Random changes of the real core, beside a small model of what they mean.

``AGGEXT_MODEL_CHANGES`` says how many to make, on all databases together.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.db import queries
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.tests.functional.changes import base
from nova_aggext.tests.functional.changes import model

load_tests = testscenarios.load_tests_apply_scenarios

CHANGES = int(os.environ.get('AGGEXT_MODEL_CHANGES', '2000'))
# What each database has of them: SQLite needs no server, nor waits for one.
SHARES = {'sqlite': 0.6, 'mysql': 0.2, 'postgresql': 0.2}
SEED = 20
# After so many changes all tables are compared before and after a plan.
OFTEN = 20
# Plans that are made while somebody holds every row.
PLANS = 40
# A connection that waits for no lock: a plan that wanted one would fail.
IMPATIENT = {
    'mysql': 'init_command=SET innodb_lock_wait_timeout=0',
    'postgresql': 'options=-c lock_timeout=1',
}
# Of an answer: what tells a plan from what was made.
_OF_A_PLAN = ('id', 'dry_run', 'changed_at', 'delivery')
# What an effect cannot do to what is protected.
FROZEN = frozenset(('name', 'availability_zone', 'metadata', 'owner'))
_READING = ('SELECT', 'PRAGMA', 'BEGIN', 'SET TRANSACTION')


class ModelTest(base.ChangesTestCase):
    """What holds of each change, whatever it is."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.model = model.Model(SEED)

    def test_random_changes(self) -> None:
        """As often as not one is refused; each other one is undone."""
        made, changes = 0, int(CHANGES * SHARES[self.kind])
        for number in range(changes):
            asked = self.model.asked()
            planned = self._planned(asked, whole=number % OFTEN == 0)
            self._order_does_not_matter(asked, planned)
            answer = self.post(asked)
            self.assertEqual(_comparable(planned), _comparable(answer))
            if answer.status_int != 201:
                self.assertIn(answer.status_int, (200, 400, 403, 409))
                if answer.status_int != 400:
                    self.assertEqual(
                        self.model.is_frozen(asked), answer.status_int == 403
                    )
                self.assertEqual(self.model.state, self._content())
                continue
            made += 1
            self.assertFalse(self.model.is_frozen(asked))
            change = answer.json['change']
            before = self.model.state
            self.model.state = self.model.applied(asked)
            self.assertEqual(self.model.state, self._content(), str(asked))
            self._sent_again(change)
            if number % 2:
                self._undone(change, before)
        self.assertGreater(made, changes // 5)

    def _planned(self, asked: base.Document, *, whole: bool) -> Any:
        """Plan a change; that writes nothing.

        :param whole: compare all tables as well
        """
        before = self.db.database.read(_tables) if whole else None
        with _statements() as sent:
            planned = self.post(asked, '?dry_run=true')
        self.assertEqual([], [one for one in sent if not _only_reads(one)])
        self.assertTrue(sent)
        if whole:
            self.assertEqual(before, self.db.database.read(_tables))
        return planned

    def _order_does_not_matter(self, asked: base.Document, first: Any) -> None:
        """Neither that of items nor that of keys."""
        turned = {
            name: [dict(reversed(one.items())) for one in reversed(part)]
            if isinstance(part, list)
            else part
            for name, part in reversed(asked.items())
        }
        second = self.post(turned, '?dry_run=true')
        self.assertEqual(first.status_int, second.status_int)
        if 'change' in first.json:
            self.assertEqual(
                first.json['change']['digest'], second.json['change']['digest']
            )
        else:
            codes = [
                sorted(one['code'] for one in told.json['errors'])
                for told in (first, second)
            ]
            self.assertEqual(codes[0], codes[1])

    def _sent_again(self, change: base.Document) -> None:
        updates = [
            one
            for one in base.again(change)['aggregates']
            if one['op'] == 'update'
        ]
        if updates:
            again = self.made(self.post({'aggregates': updates}), 200)
            self.assertFalse(again['changed'])

    def _undone(self, change: base.Document, before: model.State) -> None:
        answer = self.post({'revert': change['id']})
        if self._protects(change):
            self.refused(answer, 403, *self._protects(change))
            return
        undone = self.made(answer)
        self.assertEqual(before, self._content())
        self.model.state = before
        for effect in undone['effects']:
            if effect['op'] == 'update':
                old = effect['aggregate']['id']
                (same,) = (
                    one
                    for one in change['effects']
                    if one['aggregate']['id'] == old
                )
                self.assertEqual(same['etag_before'], effect['etag'])
                self.assertEqual(same['etag'], effect['etag_before'])

    def _protects(self, change: base.Document) -> list[str]:
        """Give an error for each effect that its own protection keeps."""
        return [
            'aggregate.protected'
            for one in change['effects']
            if one['op'] != 'delete'
            and self.model.state[one.get('name', one['aggregate']['name'])][
                'protected'
            ]
            and (one['op'] == 'create' or not FROZEN.isdisjoint(one))
        ]

    def _content(self) -> model.State:
        found = self.db.database.read(_every)
        return {
            one.name: {
                'zone': one.availability_zone,
                'metadata': {
                    key: value
                    for key, value in one.metadata.items()
                    if key != 'availability_zone'
                },
                'hosts': sorted(one.hosts),
                'description': one.description,
                'owner': one.owner,
                'protected': one.protected,
            }
            for one in found
        }


class LocksTest(base.ChangesTestCase):
    """A plan waits for nobody."""

    scenarios = [one for one in base.KINDS if one[0] != 'sqlite']

    @contextlib.contextmanager
    def all_locked(self) -> Iterator[None]:
        """Hold every row of every table, on another connection."""
        engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)
        with engine.begin() as other:
            for table in models.METADATA.sorted_tables:
                other.execute(sa.select(table).with_for_update()).all()
            yield

    def test_a_plan_takes_no_lock(self) -> None:
        """Whoever holds every row does not hold it up; the change waits."""
        one = self.create('one')
        item = base.of(one, name='x', hosts={'add': ['h1']})
        change = {'aggregates': [item]}
        done = threading.Event()

        def make() -> None:
            self.post(change)
            done.set()

        maker = threading.Thread(target=make)
        with self.all_locked():
            self.plan(change)
            self.made(self.put(base.new_id(), change, '?dry_run=true'), 200)
            maker.start()
            self.assertFalse(done.wait(0.5))
        maker.join(30)
        self.assertEqual('x', self.show(one['id'])['name'])

    def test_random_plans_take_no_lock(self) -> None:
        """Whatever they are of, they are answered as when nothing is held."""
        some = model.Model(SEED)
        while len(some.state) < 4:
            asked = some.asked()
            if self.post(asked).status_int == 201:
                some.state = some.applied(asked)
        with self.conf_file.open('a') as conf_file:
            conf_file.write(
                '[api_database]\n'
                f'connection_parameters = {IMPATIENT[self.kind]}\n'
            )
        self.serve()
        plans = [some.asked() for _ in range(PLANS)]
        free = [self.post(one, '?dry_run=true') for one in plans]
        new = {'op': 'create', 'name': 'x'}
        with self.all_locked():
            refused = self.post({'aggregates': [new]})
            held = [self.post(one, '?dry_run=true') for one in plans]
        self.assertEqual(503, refused.status_int, refused.text)
        self.assertEqual(
            [_comparable(one) for one in free],
            [_comparable(one) for one in held],
        )
        self.assertIn(200, {one.status_int for one in held})


def _every(session: db_database.Session) -> list[records.Aggregate]:
    found = [one.id for one in queries.list_aggregates(session)]
    return reading.some(session, found, annotated=True)


@contextlib.contextmanager
def _statements() -> Iterator[list[str]]:
    """Give what is sent to any database of this process meanwhile."""
    sent: list[str] = []

    def note(*told: Any) -> None:
        sent.append(told[2])

    sa.event.listen(sa.Engine, 'before_cursor_execute', note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, 'before_cursor_execute', note)


def _only_reads(statement: str) -> bool:
    text = statement.upper()
    return text.startswith(_READING) and ' FOR UPDATE' not in text


def _tables(session: db_database.Session) -> dict[str, Any]:
    """Read every row of every table."""
    return {
        table.name: session.execute(sa.select(table).order_by(*table.c)).all()
        for table in models.METADATA.sorted_tables
    }


def _comparable(answer: Any) -> Any:
    """Give an answer without what differs between a plan and what is made.

    A plan cannot know ids and tags of what the server has to choose ids for.
    """
    told = answer.json
    if 'errors' in told:
        for one in told['errors']:
            del one['request_id']
        return answer.status_int, told
    change = told['change']
    for name in (*_OF_A_PLAN, 'request_id'):
        del change[name]
    for effect in change['effects']:
        if effect['op'] == 'create':
            del effect['aggregate'], effect['etag']
    return change
