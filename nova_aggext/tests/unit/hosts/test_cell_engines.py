# SPDX-License-Identifier: Apache-2.0
"""Asking many cells before a deadline."""

import contextlib
import threading
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import urls
from nova_aggext.hosts import cell_engines
from nova_aggext.hosts import cells
from nova_aggext.tests import base
from nova_aggext.tests.unit.outbox import scarce

ONE = cells.Cell('uuid1', 'one', 'sqlite://')
TWO = cells.Cell('uuid2', 'two', 'sqlite:///:memory:')
REFUSED = cells.Cell(
    'uuid3', 'three', 'mariadb+pymysql://nova:s3cret@127.0.0.1:1/cell'
)


def _select(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.text('SELECT 1')) or 0)


def _fail(connection: sa.Connection) -> int:
    raise ZeroDivisionError('mysql://nova:secret@db1/nova')


class AskTest(base.TestCase):
    """Every cell answers, or none counts."""

    def _engines(
        self, source: str | None = None, timeout: int = 10
    ) -> cell_engines.CellEngines:
        made = cell_engines.CellEngines(source, timeout)
        self.addCleanup(made.close)
        return made

    def test_answers(self) -> None:
        engines = self._engines()
        for _ in range(2):
            told = engines.ask({ONE: _select, TWO: _select})
            self.assertEqual([1, 1], list(told.values()))

    def test_nothing_asked(self) -> None:
        self.assertEqual({}, self._engines().ask({}))

    def test_cells_that_fail(self) -> None:
        error = self.assertRaises(
            exception.CellUnavailable,
            self._engines().ask,
            {ONE: _select, TWO: _fail},
        )
        self.assertIn('of cell two cannot', str(error))
        self.assertIn('ZeroDivisionError', self.log.output)
        self.assertNotIn('secret', self.log.output + str(error))
        self.assertNotIn('ZeroDivisionError', error.public)

    def test_why_a_cell_failed(self) -> None:
        """The log says where and why, and no secret."""
        engines = self._engines()
        for _ in range(3):
            error = self.assertRaises(
                exception.CellUnavailable, engines.ask, {REFUSED: _select}
            )
        for text in (self.log.output, str(error)):
            self.assertIn('of cell three cannot', text)
            self.assertIn('127.0.0.1:1', text)
            self.assertIn('(2003)', text)
            self.assertNotIn('s3cret', text)
        self.assertIn('of cell three cannot', error.public)
        self.assertNotIn('127.0.0.1', error.public)
        # Once for all three.
        self.assertEqual(1, self.log.output.count('(2003)'))

    def test_cell_that_refuses_is_told_at_once(self) -> None:
        released = threading.Event()
        self.addCleanup(released.set)

        def wait(connection: sa.Connection) -> int:
            released.wait(30)
            return 1

        error = self.assertRaises(
            exception.CellUnavailable,
            self._engines(timeout=30).ask,
            {ONE: wait, REFUSED: _select},
        )
        self.assertIn('cell three', str(error))
        self.assertFalse(released.is_set())

    def test_cell_that_an_operator_must_mend(self) -> None:
        def ask(connection: sa.Connection) -> int:
            return int(connection.scalar(sa.text('SELECT 1 FROM no')) or 0)

        error = self.assertRaises(
            exception.CellMisfit, self._engines().ask, {ONE: ask}
        )
        self.assertEqual((500, None), (error.code, error.retry_after))
        self.assertIn('no such table: no', str(error))
        self.assertIn('cell one', error.public)
        self.assertNotIn('no such table', error.public)

    def test_cell_that_works_again(self) -> None:
        fails = [True]

        def ask(connection: sa.Connection) -> int:
            if fails.pop():
                cause = Exception(2003, 'gone')
                raise sa_exc.OperationalError('', {}, cause)
            return 1

        engines = self._engines()
        self.assertRaises(exception.CellUnavailable, engines.ask, {ONE: ask})
        fails.append(False)
        engines.ask({ONE: ask})
        self.assertIn('The database at memory works.', self.log.output)

    def test_no_thread(self) -> None:
        threads = scarce.Threads(2)
        engines = cell_engines.CellEngines(None, 10, threads)
        self.addCleanup(engines.close)
        for _ in range(2):
            self.assertRaises(
                exception.ThreadUnavailable, engines.ask, {ONE: _select}
            )
        self.assertEqual({ONE: 1}, engines.ask({ONE: _select}))

    def test_cells_that_do_not_answer_in_time(self) -> None:
        # Who is asked answers only after the deadline, which is at once.
        released = threading.Event()
        self.addCleanup(released.set)

        def wait(connection: sa.Connection) -> int:
            released.wait(30)
            return 1

        engines = self._engines(timeout=0)
        for _ in range(3):
            error = self.assertRaises(
                exception.CellSilent, engines.ask, {ONE: wait, TWO: wait}
            )
        self.assertIn('one, two within 0 s (memory, ', str(error))
        self.assertIn('one, two within 0 s;', error.public)
        for name in ('one', 'two'):
            said = f'cell {name} within 0 s ('
            self.assertEqual(1, self.log.output.count(said))

    def test_close_while_a_cell_is_asked(self) -> None:
        begun, released, ended = (threading.Event() for _ in range(3))
        self.addCleanup(released.set)

        def wait(connection: sa.Connection) -> int:
            connection.execute(sa.select(1))
            begun.set()
            released.wait(30)
            ended.set()
            return 1

        engines = self._engines(timeout=1)
        self.assertRaises(exception.CellSilent, engines.ask, {ONE: wait})
        begun.wait(30)
        engines.close()
        released.set()
        ended.wait(30)
        self.assertNotIn('Exception closing', self.log.output)

    def test_those_who_answer(self) -> None:
        """A silent cell takes no longer than the time there is."""
        released = threading.Event()
        self.addCleanup(released.set)

        def wait(connection: sa.Connection) -> int:
            released.wait(10)
            return 2

        engines = self._engines(timeout=1)
        answers = engines.ask_who_answers({ONE: _select, TWO: wait})
        self.assertEqual({ONE: 1}, answers)
        self.assertIn('cell two within 1 s (', self.log.output)
        self.assertEqual({}, engines.ask_who_answers({}))

    def test_cells_are_asked_at_the_same_time(self) -> None:
        # Each waits for the other one.
        barrier = threading.Barrier(2)

        def meet(connection: sa.Connection) -> int:
            barrier.wait(10)
            return 1

        told = self._engines().ask({ONE: meet, TWO: meet})
        self.assertEqual(2, len(told))

    def test_cell_that_is_silent_holds_up_no_other(self) -> None:
        released = threading.Event()
        self.addCleanup(released.set)
        engines = self._engines(timeout=10)

        def wait(connection: sa.Connection) -> int:
            released.wait(30)
            return 1

        askers = [
            threading.Thread(target=self._ask_in_vain, args=(engines, wait))
            for _ in range(40)
        ]
        for asker in askers:
            asker.start()
            self.addCleanup(asker.join, 30)
        self.assertEqual({TWO: 1}, engines.ask({TWO: _select}))
        released.set()

    def _ask_in_vain(
        self, engines: cell_engines.CellEngines, question: Any
    ) -> None:
        with contextlib.suppress(exception.CellSilent):
            engines.ask({ONE: question})

    def test_mappings_that_name_no_database(self) -> None:
        for connection in (
            'nonsense',
            'nosuch://h/db',
            'mysql+nosuchdriver://h/db',
            '{scheme}://h/db',
            'mysql+pymysql://h:port/db',
            'mysql+pymysql://h/db?connect_timeout=soon',
            '',
        ):
            cell = cells.Cell('uuid', 'broken', connection)
            error = self.assertRaises(
                exception.CellMisconfigured,
                self._engines().ask,
                {cell: _select},
            )
            self.assertIn('broken', str(error))
            self.assertEqual((500, None), (error.code, error.retry_after))

    def test_template(self) -> None:
        cell = cells.Cell('uuid', 'one', '{scheme}://')
        told = self._engines('sqlite:///x').ask({cell: _select})
        self.assertEqual([1], list(told.values()))


class LimitsTest(base.TestCase):
    """The driver itself gives up too."""

    def test_arguments_that_the_drivers_know(self) -> None:
        for text, expected in (
            (
                'mysql+pymysql://h/db',
                {
                    'connect_timeout': '5',
                    'read_timeout': '5',
                    'write_timeout': '5',
                },
            ),
            (
                'postgresql+psycopg2://h/db',
                {
                    'connect_timeout': '5',
                    'options': '-c statement_timeout=5000',
                    'tcp_user_timeout': '5000',
                },
            ),
            ('sqlite:///x', {'timeout': '5'}),
            (
                'postgresql+psycopg2://h/db?options=-c%20x%3Dy'
                '&tcp_user_timeout=0&connect_timeout=1',
                {
                    'connect_timeout': '1',
                    'options': '-c x=y',
                    'tcp_user_timeout': '0',
                },
            ),
        ):
            url = cell_engines._limited(urls.parse(text), 5)
            self.assertEqual(expected, dict(url.query), text)
