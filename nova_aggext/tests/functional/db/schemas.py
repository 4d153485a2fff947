# SPDX-License-Identifier: Apache-2.0
"""What tables a database has, as data that can be compared."""

import re
from typing import Any

import sqlalchemy as sa

Table = dict[str, Any]

# Nova's tables as its own migrations leave them on MariaDB.
NOVA_MARIADB = {
    'aggregates': """\
CREATE TABLE `aggregates` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `uuid` varchar(36) DEFAULT NULL,
  `name` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_aggregate0name` (`name`),
  KEY `aggregate_uuid_idx` (`uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci""",
    'aggregate_hosts': """\
CREATE TABLE `aggregate_hosts` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `host` varchar(255) DEFAULT NULL,
  `aggregate_id` int(11) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_aggregate_hosts0host0aggregate_id` \
(`host`,`aggregate_id`),
  KEY `aggregate_id` (`aggregate_id`),
  CONSTRAINT `aggregate_hosts_ibfk_1` FOREIGN KEY (`aggregate_id`) \
REFERENCES `aggregates` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci""",
    'aggregate_metadata': """\
CREATE TABLE `aggregate_metadata` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `aggregate_id` int(11) NOT NULL,
  `key` varchar(255) NOT NULL,
  `value` varchar(255) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_aggregate_metadata0aggregate_id0key` \
(`aggregate_id`,`key`),
  KEY `aggregate_metadata_key_idx` (`key`),
  CONSTRAINT `aggregate_metadata_ibfk_1` FOREIGN KEY (`aggregate_id`) \
REFERENCES `aggregates` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci""",
}

# The same in the words that SQLite and PostgreSQL have in common, with a
# column and an index that this package does not know.
NOVA_ELSEWHERE = (
    'CREATE TABLE aggregates (created_at TIMESTAMP, updated_at TIMESTAMP, '
    'id INTEGER NOT NULL PRIMARY KEY, uuid VARCHAR(36), name VARCHAR(255), '
    'later INTEGER, CONSTRAINT uniq_aggregate0name UNIQUE (name))',
    'CREATE INDEX aggregate_uuid_idx ON aggregates (uuid)',
    'CREATE INDEX later_idx ON aggregates (later)',
    'CREATE TABLE aggregate_hosts (created_at TIMESTAMP, updated_at '
    'TIMESTAMP, id INTEGER NOT NULL PRIMARY KEY, host VARCHAR(255), '
    'aggregate_id INTEGER NOT NULL REFERENCES aggregates (id), CONSTRAINT '
    'uniq_aggregate_hosts0host0aggregate_id UNIQUE (host, aggregate_id))',
    'CREATE TABLE aggregate_metadata (created_at TIMESTAMP, updated_at '
    'TIMESTAMP, id INTEGER NOT NULL PRIMARY KEY, '
    'aggregate_id INTEGER NOT NULL REFERENCES aggregates (id), '
    '"key" VARCHAR(255) NOT NULL, value VARCHAR(255) NOT NULL, CONSTRAINT '
    'uniq_aggregate_metadata0aggregate_id0key UNIQUE (aggregate_id, "key"))',
    'CREATE INDEX aggregate_metadata_key_idx ON aggregate_metadata ("key")',
)


def describe(connection: sa.Connection) -> dict[str, Table]:
    """Describe every table: as the database tells, and by its own text."""
    inspector = sa.inspect(connection)
    return {
        name: _table(inspector, name) | {'text': _text(connection, name)}
        for name in inspector.get_table_names()
    }


def lines(text: str) -> list[str]:
    """Take a CREATE TABLE of MariaDB apart; its keys have no order."""
    parts = text.splitlines()
    parts[-1] = ' '.join(
        part
        for part in parts[-1].split()
        if not part.startswith('AUTO_INCREMENT=')
    )
    return sorted(part.rstrip(',') for part in parts)


def _table(inspector: sa.Inspector, name: str) -> Table:
    columns = [
        {**column, 'type': repr(column['type'])}
        for column in inspector.get_columns(name)
    ]
    return {
        'columns': columns,
        'primary key': inspector.get_pk_constraint(name),
        'foreign keys': _sorted(inspector.get_foreign_keys(name)),
        'unique': _sorted(inspector.get_unique_constraints(name)),
        'indexes': _sorted(inspector.get_indexes(name)),
        'checks': _sorted(inspector.get_check_constraints(name)),
    }


def _spaced(text: str) -> str:
    """Put spaces as if no column had been added to a table."""
    return ' '.join(re.sub(r'([,()])', r' \1 ', text).split())


def _sorted(things: list[Any]) -> list[Any]:
    return sorted(things, key=repr)


def _text(connection: sa.Connection, name: str) -> object:
    """Give the statement that makes a table, where the database keeps it."""
    dialect = connection.dialect.name
    if dialect == 'mysql':
        shown = connection.execute(sa.text(f'SHOW CREATE TABLE `{name}`'))
        return lines(shown.one()[1])
    if dialect == 'sqlite':
        kept = sa.text('SELECT sql FROM sqlite_master WHERE tbl_name = :name')
        texts = connection.scalars(kept, {'name': name})
        return sorted(_spaced(text or '') for text in texts)
    return None
