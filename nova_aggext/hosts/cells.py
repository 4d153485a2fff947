# SPDX-License-Identifier: Apache-2.0
"""Cells of a Nova: where their databases are.

Facts: DATABASE, section 3.
"""

import dataclasses
import re
import string
import urllib.parse
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import collation

# The cell of instances that never got a host.
CELL0 = '00000000-0000-0000-0000-000000000000'

# What a template may name, of one server or of the first, second and so on.
_NAME = re.compile(
    r'scheme|path|query|fragment|(username|password|hostname|port)\d*'
)
_PART = re.compile(rf'\{{({_NAME.pattern})\}}')

_METADATA = sa.MetaData()

cell_mappings = sa.Table(
    'cell_mappings',
    _METADATA,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('uuid', sa.String(36)),
    sa.Column('name', sa.String(255)),
    sa.Column('database_connection', sa.Text),
)
host_mappings = sa.Table(
    'host_mappings',
    _METADATA,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('cell_id', sa.Integer, sa.ForeignKey('cell_mappings.id')),
    sa.Column('host', sa.String(255)),
)
TABLES = (cell_mappings, host_mappings)

_HOSTS: sa.BindParameter[list[str]] = sa.bindparam('hosts', expanding=True)
_OF_EVERY_HOST = sa.select(host_mappings.c.host, cell_mappings).join(
    cell_mappings, cell_mappings.c.id == host_mappings.c.cell_id
)
_OF_HOSTS = _OF_EVERY_HOST.where(host_mappings.c.host.in_(_HOSTS))


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """One cell mapping.

    :ivar connection: the URL of its database, or a template of one
    """

    uuid: str
    name: str
    connection: str

    @property
    def is_cell0(self) -> bool:
        """Say whether this is the cell without hosts."""
        return self.uuid == CELL0


def list_cells(session: sa.Connection) -> list[Cell]:
    """Read all cells, by their ids."""
    statement = sa.select(cell_mappings).order_by(cell_mappings.c.id)
    return [_cell(row) for row in session.execute(statement)]


def cells_of_hosts(
    session: sa.Connection, hosts: Collection[str]
) -> dict[str, Cell]:
    """Read the cells that hosts are mapped to; unmapped ones are left out.

    The database decides which names are equal, as it does for Nova.
    """
    key = collation.key_of(session.dialect)
    rows = session.execute(_OF_HOSTS, {'hosts': list(hosts)})
    found = {key(row.host): _cell(row) for row in rows}
    return {host: found[key(host)] for host in hosts if key(host) in found}


@dataclasses.dataclass(frozen=True, slots=True)
class Mappings:
    """Where all hosts are that are mapped.

    :ivar cells: by the name of the host
    :ivar key: makes those names equal that the database takes for equal
    :ivar by_key: the same by what ``key`` makes of the name
    """

    cells: Mapping[str, Cell]
    key: Callable[[str], str]
    by_key: Mapping[str, Cell]

    def cell_of(self, host: str) -> Cell | None:
        """Give the cell of a host; None where it is not mapped."""
        return self.by_key.get(self.key(host))


def map_hosts(session: sa.Connection) -> Mappings:
    """Read the cells of all hosts that are mapped."""
    key = collation.key_of(session.dialect)
    cells = {row.host: _cell(row) for row in session.execute(_OF_EVERY_HOST)}
    return Mappings(cells, key, {key(one): cells[one] for one in cells})


def database_url(cell: Cell, source: str | None) -> str:
    """Give the URL of a cell's database, filling the template if it is one.

    As in Nova, what is no template of a URL's parts is taken as it stands:
    a password may hold braces. Beside them the names of parts are filled.

    :param source: ``[database] connection``
    :raises CellMisconfigured: when the source lacks what the template names
    """
    text = cell.connection
    if '{' not in text:
        return text
    try:
        if _is_template(text):
            return text.format_map(_Parts(source))
        return _PART.sub(lambda one: one[0].format_map(_Parts(source)), text)
    except KeyError as error:
        raise exception.CellMisconfigured(
            cell=cell.name, part=error.args[0]
        ) from error
    except ValueError as error:
        # The text may hold a part of a password.
        raise exception.CellMisconfigured(
            cell=cell.name, part=type(error).__name__
        ) from error


def _is_template(text: str) -> bool:
    """Say whether Nova would fill a text."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text)]
    except ValueError:
        return False
    return all(_NAME.fullmatch(name) for name in names if name is not None)


class _Parts(dict[str, Any]):
    """The parts of a URL by the names that templates use.

    A part that the URL does not have is missing, where Nova would write the
    word None.
    """

    def __init__(self, source: str | None) -> None:
        parts = urllib.parse.urlsplit(source or '')
        super().__init__(query=parts.query, fragment=parts.fragment)
        self._put('scheme', parts.scheme)
        self._put('path', parts.path.removeprefix('/'))
        credentials = ''
        for number, address in enumerate(_servers(parts.netloc), start=1):
            if '@' in address:
                credentials, _, address = address.rpartition('@')
            self._put_server(credentials, address, str(number))
            if number == 1:
                self._put_server(credentials, address, '')

    def _put_server(self, credentials: str, address: str, suffix: str) -> None:
        username, _, password = credentials.partition(':')
        parts = urllib.parse.urlsplit(f'//{address}')
        self._put(f'username{suffix}', username)
        self._put(f'password{suffix}', password)
        self._put(f'hostname{suffix}', parts.hostname)
        self._put(f'port{suffix}', parts.port)

    def _put(self, name: str, value: object) -> None:
        if value:
            self[name] = value


def _servers(netloc: str) -> list[str]:
    """Split at commas; one before the first "@" belongs to a password."""
    head, at, tail = netloc.partition('@')
    first, *others = tail.split(',') if at else head.split(',')
    return [f'{head}{at}{first}' if at else first, *others]


def _cell(row: sa.Row[Any]) -> Cell:
    return Cell(
        uuid=row.uuid,
        name=row.name or row.uuid,
        connection=row.database_connection,
    )
