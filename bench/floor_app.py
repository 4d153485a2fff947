# SPDX-License-Identifier: Apache-2.0
"""The floor: a bare WSGI function that answers show and list.

No routing, no policy, no versions, no faults: plain statements on the driver,
in autocommit, and their result as the same JSON. There are two forms, chosen
by the first part of the path: ``/rows`` reads rows and puts them together;
``/json`` lets the database build the JSON of hosts and metadata.

``BENCH_URL`` names the database, as for SQLAlchemy, which makes nothing of it
but the arguments of the driver.
"""

from collections.abc import Iterable
import datetime
import os
import threading
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment

ZONE_KEY = 'availability_zone'

_AGGREGATES = (
    'SELECT id, uuid, name, created_at, updated_at FROM aggregates {where}'
    ' ORDER BY id'
)
_HOSTS = 'SELECT aggregate_id, host FROM aggregate_hosts {where} ORDER BY id'
_METADATA = (
    'SELECT aggregate_id, {key}, value FROM aggregate_metadata {where}'
    ' ORDER BY id'
)
_JSON_HOSTS = (
    'SELECT aggregate_id, {array} FROM aggregate_hosts {where}'
    ' GROUP BY aggregate_id'
)
_JSON_METADATA = (
    'SELECT aggregate_id, {object},'
    " MAX(CASE WHEN {key} = 'availability_zone' THEN value END)"
    ' FROM aggregate_metadata {where} GROUP BY aggregate_id'
)
# How each database builds JSON, and how its driver marks a value.
_WORDS = {
    'mysql': {
        'array': 'JSON_ARRAYAGG(host ORDER BY id)',
        'object': 'JSON_OBJECTAGG(`key`, value)',
        'key': '`key`',
        'mark': '%s',
    },
    'postgresql': {
        'array': 'CAST(json_agg(host ORDER BY id) AS text)',
        'object': 'CAST(json_object_agg(key, value) AS text)',
        'key': 'key',
        'mark': '%s',
    },
    'sqlite': {
        'array': 'json_group_array(host)',
        'object': 'json_group_object(key, value)',
        'key': 'key',
        'mark': '?',
    },
}

_URL = sa.make_url(os.environ['BENCH_URL'])
_DIALECT = _URL.get_dialect()()
_DRIVER = _URL.get_dialect().import_dbapi()
_NAME = _URL.get_backend_name()
_local = threading.local()


def application(
    environ: 'WSGIEnvironment', start_response: 'StartResponse'
) -> Iterable[bytes]:
    """Answer /FORM/... with the list, /FORM/.../ID with one aggregate."""
    _, form, *rest = environ['PATH_INFO'].split('/')
    found = _FORMS[form](rest[-1] if rest[-1].isdigit() else None)
    content = orjson.dumps(
        {'aggregate': found[0]}
        if rest[-1].isdigit()
        else {'aggregates': found}
    )
    headers = [
        ('Content-Type', 'application/json'),
        ('Content-Length', str(len(content))),
    ]
    start_response('200 OK', headers)
    return [content]


def _rows(wanted: str | None) -> list[dict[str, Any]]:
    aggregates, hosts, metadata = _read(
        (_AGGREGATES, _HOSTS, _METADATA), wanted
    )
    hosts_of: dict[int, list[str]] = {}
    for owner, host in hosts:
        hosts_of.setdefault(owner, []).append(host)
    metadata_of: dict[int, dict[str, str]] = {}
    for owner, key, value in metadata:
        metadata_of.setdefault(owner, {})[key] = value
    return [
        _aggregate(
            row,
            hosts_of.get(row[0], []),
            (found := metadata_of.get(row[0], {})),
            found.get(ZONE_KEY),
        )
        for row in aggregates
    ]


def _json(wanted: str | None) -> list[dict[str, Any]]:
    aggregates, hosts, metadata = _read(
        (_AGGREGATES, _JSON_HOSTS, _JSON_METADATA), wanted
    )
    hosts_of = dict(hosts)
    metadata_of = {owner: (text, zone) for owner, text, zone in metadata}
    nothing = ('{}', None)
    return [
        _aggregate(
            row,
            orjson.Fragment(hosts_of.get(row[0], '[]')),
            orjson.Fragment((found := metadata_of.get(row[0], nothing))[0]),
            found[1],
        )
        for row in aggregates
    ]


_FORMS = {'rows': _rows, 'json': _json}


def _aggregate(
    row: tuple[Any, ...], hosts: Any, metadata: Any, zone: str | None
) -> dict[str, Any]:
    return {
        'availability_zone': zone,
        'created_at': _moment(row[3]),
        'deleted': False,
        'deleted_at': None,
        'hosts': hosts,
        'id': row[0],
        'metadata': metadata,
        'name': row[2],
        'updated_at': _moment(row[4]),
        'uuid': row[1],
    }


def _moment(value: Any) -> str | None:
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%S.%f')
    # SQLite has text.
    return str(value).replace(' ', 'T') if value else None


def _read(
    statements: tuple[str, ...], wanted: str | None
) -> list[list[tuple[Any, ...]]]:
    """Run statements on a connection of this thread."""
    words = _WORDS[_NAME]
    if not hasattr(_local, 'connection'):
        _local.connection = _connect()
    cursor = _local.connection.cursor()
    found = []
    for number, statement in enumerate(statements):
        column = 'aggregate_id' if number else 'id'
        where = f'WHERE {column} = {words["mark"]}' if wanted else ''
        values = (int(wanted),) if wanted else ()
        cursor.execute(statement.format(where=where, **words), values)
        found.append(cursor.fetchall())
    cursor.close()
    return found


def _connect() -> Any:
    arguments, named = _DIALECT.create_connect_args(_URL)
    connection = _DRIVER.connect(*arguments, **named)
    if _NAME == 'sqlite':
        connection.isolation_level = None
    elif _NAME == 'mysql':
        connection.autocommit(True)
    else:
        connection.autocommit = True
    return connection
