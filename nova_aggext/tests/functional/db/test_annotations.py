# SPDX-License-Identifier: Apache-2.0
"""Annotations are stored and read the same on every database."""

import dataclasses

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import reads

load_tests = testscenarios.load_tests_apply_scenarios

Aggregate = records.Aggregate

# Beyond the basic plane, and what JSON has to escape.
ODD = '\U0001f3e2 "hall" \\c, d: {e}\n[f]\u00e4\u4e2d'


class AnnotationsTest(reads.ReadsTestCase):
    """Rows of their own, read with the aggregates."""

    scenarios = reads.WAYS

    def setUp(self) -> None:
        super().setUp()
        self.read_that_way()
        self.bare = self.database.write(_make)

    def write(self, *said: Aggregate) -> None:
        self.database.write(
            lambda session: writing.write_annotations(session, said)
        )

    def read(self, *, annotated: bool = True) -> list[Aggregate]:
        ids = [one.id for one in self.bare]

        def alone(number: int) -> db_database.Work[list[Aggregate]]:
            return lambda session: reading.some(
                session, [number], annotated=annotated
            )

        found = self.database.ask(
            lambda session: reading.some(session, ids, annotated=annotated)
        )
        for one in found:
            self.assertEqual([one], self.database.ask(alone(one.id)))
        return found

    def count(self) -> int:
        statement = sa.select(sa.func.count()).select_from(models.annotations)
        return self.database.ask(
            lambda session: session.scalar(statement) or 0
        )

    def test_none(self) -> None:
        self.assertEqual(self.bare, self.read())

    def test_some(self) -> None:
        a, b, c = self.bare
        a = dataclasses.replace(a, description=ODD, owner='p1')
        b = dataclasses.replace(b, protected=True)
        self.write(a, b)
        self.assertEqual([a, b, c], self.read())
        self.assertEqual(self.bare, self.read(annotated=False))

    def test_anew(self) -> None:
        a, b, c = self.bare
        self.write(
            dataclasses.replace(a, description='x', protected=True),
            dataclasses.replace(b, owner='p' * 255, description='y' * 1024),
        )
        b = dataclasses.replace(b, description=ODD * 20)
        c = dataclasses.replace(c, owner=ODD)
        self.write(a, b, c)
        self.assertEqual([a, b, c], self.read())

    def test_compared_exactly(self) -> None:
        a, b, _ = self.bare
        self.write(
            dataclasses.replace(a, owner='Admin'),
            dataclasses.replace(b, owner='admin'),
        )
        owner = models.annotations.c.owner
        statement = sa.select(models.annotations.c.aggregate_id).where(
            owner == 'admin'
        )
        found = self.database.ask(
            lambda session: list(session.scalars(statement))
        )
        self.assertEqual([b.id], found)

    def test_delete(self) -> None:
        said = [dataclasses.replace(one, owner='p') for one in self.bare]
        self.write(*said)
        ids = [one.id for one in said]

        def delete(some: list[int]) -> db_database.Work[None]:
            return lambda session: writing.delete_annotations(session, some)

        for gone, left in ((ids[:1], 2), (ids, 0)):
            self.database.write(delete(gone))
            self.assertEqual(left, self.count())
        self.assertEqual(self.bare, self.read())


def _make(session: sa.Connection) -> list[Aggregate]:
    return [
        aggregates.make(session, name, ['h2', 'h1'], {'k': 'v'})
        for name in ('a', 'b', 'c')
    ]


class CharsetTest(base.TestCase):
    """A URL may name either charset that MySQL calls UTF-8."""

    def test_utf8(self) -> None:
        server = databases.server_url('mysql')
        for charset in ('utf8', 'utf8mb3', 'utf8mb4'):
            url = server.update_query_dict({'charset': charset})
            text = url.render_as_string(hide_password=False)
            fixture = databases.Database('mysql', server=text)
            database = self.useFixture(fixture).database

            def work(session: sa.Connection) -> tuple[Aggregate, Aggregate]:
                made = aggregates.make(session, 'a')
                said = dataclasses.replace(made, description=ODD, owner=ODD)
                writing.write_annotations(session, [said])
                (found,) = reading.some(session, [made.id], annotated=True)
                # No column of Nova's holds it; to ask for it is no error.
                wanted = reading.Criteria(host=ODD)
                self.assertEqual([], reading.select(session, wanted))
                return said, found

            said, found = database.write(work)
            self.assertEqual(said, found, charset)
