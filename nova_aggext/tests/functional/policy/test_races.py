# SPDX-License-Identifier: Apache-2.0
"""An owner that changes between a question and the change."""

import contextlib
import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import sqlalchemy as sa
import testscenarios
import webob

from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import models
from nova_aggext.tests.functional.policy import base

load_tests = testscenarios.load_tests_apply_scenarios

P = base.Caller('p')
# Nobody waits longer for another thread.
PATIENCE = 60
# So often the owner changes, at most, until both answers came.
FLIPS = 60


class RaceTest(base.PolicyTestCase):
    """The owner counts that an aggregate has when it is changed."""

    scenarios = base.KINDS

    def calls(self) -> Iterator[Callable[[], webob.Response]]:
        """Give all ways to change an aggregate, by who may do so at first."""
        one = self.one
        yield lambda: self.add(P, one)
        yield lambda: self.act(P, one, 'remove_host', {'host': 'h1'})
        yield lambda: self.act(
            P, one, 'set_metadata', {'metadata': {'k': 'v'}}
        )
        body = {'aggregate': {'name': 'new'}}
        path = f'/{one["id"]}'
        yield lambda: self.ask(P, 'PUT', path, body, root=base.NOVA)
        yield lambda: self.ask(P, 'DELETE', path, root=base.NOVA)
        yield lambda: self.tell(P, base.of(one, hosts={'add': ['h4']}))
        joined: base.Document = {'add': [{'name': 'one'}]}
        item = {'host': 'h4', 'aggregates': joined}
        yield lambda: self.tell(P, hosts=[item])

    def test_given_away_meanwhile(self) -> None:
        """After the first question, and before the lock."""
        for send in self.calls():
            with self.giving_away():
                answer = send()
            self.assertEqual(403, answer.status_int, answer.text)
            shown = self.show(self.one['id'])
            self.assertEqual('q', shown['owner'])
            for name in 'name', 'hosts', 'metadata':
                self.assertEqual(self.one[name], shown[name])
            self.give(self.one, 'p')

    @contextlib.contextmanager
    def giving_away(self) -> Iterator[None]:
        """Give the aggregate away, committed once others want its lock."""
        given, wanted = threading.Event(), threading.Event()
        number, mine = self.one['id'], threading.get_ident()

        def work(session: db_database.Session) -> None:
            locks.take(session, aggregates=[number])
            table = models.annotations
            session.execute(
                sa.update(table)
                .where(table.c.aggregate_id == number)
                .values(owner='q')
            )
            given.set()
            wanted.wait(PATIENCE)

        def see(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
            if threading.get_ident() == mine and (
                'aggext_locks' in text or text.startswith('BEGIN IMMEDIATE')
            ):
                wanted.set()

        with futures.ThreadPoolExecutor(1) as pool:
            giving = pool.submit(self.db.database.write, work)
            given.wait(PATIENCE)
            sa.event.listen(sa.Engine, 'before_cursor_execute', see)
            try:
                yield
            finally:
                sa.event.remove(sa.Engine, 'before_cursor_execute', see)
                # Who does not want the lock is seen by what is asserted.
                wanted.set()
            giving.result(PATIENCE)

    def test_record(self) -> None:
        """Whoever made a change was of the owner by then, as recorded."""
        done = threading.Event()
        ways = (self.by_nova, self.by_own)
        with futures.ThreadPoolExecutor(len(ways)) as pool:
            managers = [
                pool.submit(self.manage, way, host, done)
                for way, host in zip(ways, ('h3', 'h4'), strict=True)
            ]
            for number in range(FLIPS):
                self.change(base.of(self.one, owner='qp'[number % 2]))
            done.set()
            told = [one.result(PATIENCE) for one in managers]
        self.assertEqual([{200, 403}, {201, 403}], told)
        owner, mine = 'p', 0
        found = self.ask(base.ADMIN, 'GET', '/changes?after=0').json
        for change in found['changes']:
            for effect in change['effects']:
                if effect['aggregate']['id'] != self.one['id']:
                    continue
                if change['user_id'] == P.user:
                    self.assertEqual('p', owner, change)
                    mine += 1
                owner = effect.get('owner', owner)
        self.assertGreater(mine, 0)

    def manage(
        self,
        way: Callable[[str, str], webob.Response],
        host: str,
        done: threading.Event,
    ) -> set[int]:
        """Add and remove a host; give what was answered."""
        told = set()
        present = False
        while not done.is_set():
            answer = way('remove' if present else 'add', host)
            if answer.status_int < 300:
                present = not present
            told.add(answer.status_int)
        return told

    def by_nova(self, verb: str, host: str) -> webob.Response:
        return self.act(P, self.one, f'{verb}_host', {'host': host})

    def by_own(self, verb: str, host: str) -> webob.Response:
        return self.tell(P, base.of(self.one, hosts={verb: [host]}))
