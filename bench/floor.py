# SPDX-License-Identifier: Apache-2.0
"""Ours beside a bare function on the same server and the same driver."""

import argparse
from collections.abc import Iterator
import contextlib
import pathlib
from typing import Any

import fixtures
import sqlalchemy as sa

from bench import interleaved
from bench import machine
from bench import operations
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases

OURS = 'ours'
HOST = 'spare'
ROWS = 'rows'
JSON = 'json'
DRIVERS = {
    'mysql+pymysql': 'mysql',
    'mysql+mysqldb': 'mysql',
    'postgresql+psycopg2': 'postgresql',
    'sqlite': 'sqlite',
}
SIZES = (sizes.MEDIUM, sizes.BIG)
OPERATIONS = (operations.show, operations.list_all)
# What the floor does not do.
ALONE = (
    operations.create,
    operations.set_metadata,
    *operations.MEMBERS,
)


class Pair(fixtures.Fixture):
    """Ours and the floor, both running on one empty database.

    :ivar engine: an engine on the database
    """

    def __init__(self, driver: str) -> None:
        super().__init__()
        self.driver = driver

    def _setUp(self) -> None:
        made = databases.Database(DRIVERS[self.driver])
        self.database = self.useFixture(made)
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        url = sa.make_url(made.url).set(drivername=self.driver)
        self.url = url.render_as_string(hide_password=False)
        conf_file = pathlib.Path(made.conf_file)
        text = conf_file.read_text().replace(made.url, self.url)
        # What a lab checks is not part of the work.
        text = text.replace('validate_responses = true', '')
        conf_file.write_text(text)
        self.engine = sa.create_engine(self.url)
        self.addCleanup(self.engine.dispose)
        hosts = registered.RegisteredHosts(made.conf, made.database)
        hosts.add_host(HOST)
        self.ours = self.useFixture(servers.alone(self.folder, conf_file))
        self.floor = self.useFixture(servers.floor(self.folder, self.url))

    def callers(self, size: sizes.Size) -> dict[str, operations.Caller]:
        """Return a caller of ours and one of each form of the floor."""
        floor = servers.connect(self.floor)
        paths = {
            OURS: (servers.connect(self.ours), operations.PATH),
            ROWS: (floor, f'/{ROWS}{operations.PATH}'),
            JSON: (floor, f'/{JSON}{operations.PATH}'),
        }
        return {
            name: operations.Caller(connection, size, HOST, path)
            for name, (connection, path) in paths.items()
        }


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure on every database; give what is written into a file."""
    effort = interleaved.Effort.of(arguments)
    described = machine.describe()
    found = [
        {'driver': driver, **result.as_json()}
        for driver in DRIVERS
        for result in _measure(driver, effort)
    ]
    described['load_after'] = machine.load()
    return {'machine': described, 'results': found}


def _measure(
    driver: str, effort: interleaved.Effort
) -> Iterator[interleaved.Result]:
    """Measure one database, unless it is missing."""
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(Pair(driver))
        for size in SIZES:
            seeds.aggregates(pair.engine, size)
            callers = pair.callers(size)
            require_same(callers)
            ours = {OURS: callers[OURS]}
            for operation in (*OPERATIONS, *ALONE):
                wanted = callers if operation in OPERATIONS else ours
                for result in interleaved.measure(operation, wanted, effort):
                    print(driver, result, flush=True)
                    yield result


def require_same(callers: dict[str, operations.Caller]) -> None:
    """Make sure that all give the same answers.

    :raises RuntimeError: when one does not
    """
    for path in ('', '/2'):
        bodies = [one.call('GET', path).body for one in callers.values()]
        if any(body != bodies[0] for body in bodies):
            raise RuntimeError(f'Not the same: {path} {list(callers)}')
