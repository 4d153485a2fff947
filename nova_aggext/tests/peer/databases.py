# SPDX-License-Identifier: Apache-2.0
"""The databases of a Nova and a placement on MariaDB."""

import os
import pathlib
import uuid

import fixtures
import sqlalchemy as sa
from sqlalchemy import exc

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.peer import dumps

# What follows the common name in the name of each database. The cell1 of a
# Nova has nothing: templates of cell mappings are filled from its URL.
API = '_api'
CELL0 = '_cell0'
CELL1 = ''
PLACEMENT = '_placement'
PARTS = (API, CELL0, CELL1, PLACEMENT)


class Databases(fixtures.Fixture):
    """Databases with one common name, dropped at the end.

    :ivar name: the common name
    """

    def __init__(self, loaded_from: pathlib.Path | None = None) -> None:
        """Take the directory of dumps; without it they are empty."""
        super().__init__()
        self.loaded_from = loaded_from

    def _setUp(self) -> None:
        variable, default = databases.SERVERS['mysql']
        chosen = sa.make_url(os.environ.get(variable) or default)
        self._url = chosen.set(port=chosen.port or 3306)
        self.name = f'aggext_{uuid.uuid4().hex}'
        self._engines: dict[str, sa.Engine] = {}
        self._server = dumps.engine(self._url)
        self.addCleanup(self._server.dispose)
        for part in PARTS:
            self.create(part)

    def create(self, part: str, like: str | None = None) -> None:
        """Make one database.

        :param like: the one of ``PARTS`` whose dump is loaded
        """
        try:
            self._run(f'CREATE DATABASE {self.name}{part}')
        except exc.OperationalError as error:
            base.missing('MariaDB', error.orig)
        self.addCleanup(self._run, f'DROP DATABASE {self.name}{part}')
        self._engines[part] = dumps.engine(self.url(part))
        self.addCleanup(self._engines[part].dispose)
        source = part if like is None else like
        if self.loaded_from is not None:
            self.load(part, self.loaded_from / dump_name(source))

    def empty(self, part: str) -> None:
        """Drop all tables of one database."""
        self._run(f'DROP DATABASE {self.name}{part}')
        self._run(f'CREATE DATABASE {self.name}{part}')

    def restore(self, part: str) -> None:
        """Bring one of ``PARTS`` into the state of its dump."""
        self.empty(part)
        if self.loaded_from is not None:
            self.load(part, self.loaded_from / dump_name(part))

    def load(self, part: str, path: pathlib.Path) -> None:
        """Run the statements of a dump in one database."""
        dumps.load(self._engines[part], path.read_text())

    def url(self, part: str) -> str:
        """Return the SQLAlchemy URL of one database, as Nova wants it."""
        url = self._url.set(
            database=f'{self.name}{part}', query={'charset': 'utf8'}
        )
        return url.render_as_string(hide_password=False)

    def engine(self, part: str) -> sa.Engine:
        """Return an engine on one database, in autocommit."""
        return self._engines[part]

    def execute(
        self, part: str, statement: str, **values: object
    ) -> list[sa.Row[tuple[object, ...]]]:
        """Run a statement in one database; return its rows, if any."""
        with self._engines[part].connect() as connection:
            result = connection.execute(sa.text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def dump(self, part: str, without: tuple[str, ...] = ()) -> str:
        """Return one database as text."""
        return dumps.dump(self._engines[part], without)

    def _run(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.execute(sa.text(statement))


def dump_name(part: str) -> str:
    """Return the name of the file of a dump."""
    return f'nova{part}.sql'
