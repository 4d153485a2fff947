# SPDX-License-Identifier: Apache-2.0
"""Databases for tests: each fixture is an empty one of its own.

MariaDB and PostgreSQL are the servers of this machine, as
``tools/test-setup.sh`` prepares them; ``AGGEXT_TEST_MYSQL`` and
``AGGEXT_TEST_POSTGRESQL`` name others, as SQLAlchemy URLs without a database.
"""

import functools
import os
import pathlib
import shutil
import tempfile
import uuid

import fixtures
import sqlalchemy as sa
from oslo_config import cfg
from sqlalchemy import exc

from nova_aggext import conf as aggext_conf
from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.tests import base

CREDENTIALS = 'openstack_citest:openstack_citest@127.0.0.1'
SERVERS = {
    'mysql': ('AGGEXT_TEST_MYSQL', f'mysql+pymysql://{CREDENTIALS}'),
    'postgresql': (
        'AGGEXT_TEST_POSTGRESQL',
        f'postgresql+psycopg2://{CREDENTIALS}/postgres',
    ),
}
KINDS = ('sqlite', *SERVERS)
_FILE = 'aggext.sqlite'

# Nothing sweeps: a thread that nobody stops finds its database gone a minute
# later, and says so into another test.
CONF = """\
[aggext_outbox]
recast_interval = 0
[api]
auth_strategy = noauth
[aggext]
hosts = registered
validate_responses = true
[api_database]
connection = {url}
"""


def server_url(kind: str) -> sa.URL:
    """Give the URL of the server of a kind, without a database of a test."""
    variable, default = SERVERS[kind]
    return sa.make_url(os.environ.get(variable) or default)


class Database(fixtures.Fixture):
    """An empty database of a kind, and a configuration that uses it.

    :ivar url: its SQLAlchemy URL
    :ivar conf_file: a configuration file with noauth and registered hosts
    :ivar database: open on it
    """

    def __init__(
        self,
        kind: str = 'sqlite',
        *,
        synced: bool = True,
        server: str | None = None,
    ) -> None:
        """Take what differs from the default.

        :param server: the URL of another server of the kind
        """
        super().__init__()
        self.kind = kind
        self.synced = synced
        self.server = server

    def _setUp(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        if self.kind == 'sqlite':
            self.url = f'sqlite:///{folder}/{_FILE}'
        else:
            self.url = self._create()
        self.conf_file = os.path.join(folder, 'nova-aggext.conf')
        self.conf = _configured(self.conf_file, self.url)
        if self.synced and self.kind == 'sqlite':
            shutil.copy(os.path.join(_template().name, _FILE), folder)
        self.database = db_database.Database(self.conf)
        self.addCleanup(self.database.close)
        if self.synced and self.kind != 'sqlite':
            migration.sync(self.database)

    def _create(self) -> str:
        server = server_url(self.kind)
        if self.server is not None:
            server = sa.make_url(self.server)
        name = f'aggext_{uuid.uuid4().hex}'
        engine = sa.create_engine(
            server, isolation_level='AUTOCOMMIT', poolclass=sa.NullPool
        )
        try:
            with engine.connect() as connection:
                connection.execute(sa.text(f'CREATE DATABASE {name}'))
        except exc.OperationalError as error:
            base.missing(self.kind, error.orig)
        self.addCleanup(self._drop, engine, name)
        url = server.set(database=name)
        return url.render_as_string(hide_password=False)

    def _drop(self, engine: sa.Engine, name: str) -> None:
        force = ' WITH (FORCE)' if self.kind == 'postgresql' else ''
        with engine.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE {name}{force}'))
        engine.dispose()


@functools.cache
def _template() -> tempfile.TemporaryDirectory[str]:
    """Return a folder with a synced database, made once a process.

    To copy its file takes a twentieth of the time of its migrations.
    """
    folder = tempfile.TemporaryDirectory()
    conf_file = os.path.join(folder.name, 'nova-aggext.conf')
    url = f'sqlite:///{folder.name}/{_FILE}'
    database = db_database.Database(_configured(conf_file, url))
    migration.sync(database)
    database.close()
    return folder


def _configured(conf_file: str, url: str) -> cfg.ConfigOpts:
    pathlib.Path(conf_file).write_text(CONF.format(url=url))
    return aggext_conf.load([conf_file])
