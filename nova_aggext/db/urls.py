# SPDX-License-Identifier: Apache-2.0
"""URLs of databases: which dialect, where, how long a driver may wait."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from nova_aggext import exception

# Seconds a driver waits where the URL says nothing of it.
CONNECT_TIMEOUT = 5
READ_TIMEOUT = 30

# Dialects of SQLAlchemy that are another one for us.
_SAME = {'mariadb': 'mysql'}
_PORTS = {'mysql': 3306, 'postgresql': 5432}

_HIDDEN = '***'
_CREDENTIALS = re.compile(r'://\S*@')


def parse(text: str, parameters: str = '') -> sa.URL:
    """Read a URL; that of a MariaDB is of the dialect ``mysql``.

    :param parameters: appended to its query
    :raises ArgumentError: when it is none
    :raises ValueError: when its port is none
    """
    url = sa.make_url(text)
    name, plus, driver = url.drivername.partition('+')
    url = url.set(drivername=f'{_SAME.get(name, name)}{plus}{driver}')
    if parameters:
        url = url.update_query_string(parameters, append=True)
    return url


def configured(text: str, parameters: str, option: str) -> sa.URL:
    """Read the URL of an option, whose driver must be installed.

    :param option: its group and name, for the text of the error
    :raises ConfigurationError: which does not quote the URL
    """
    try:
        url = parse(text, parameters)
        url.get_dialect().import_dbapi()
    except (sa_exc.ArgumentError, ImportError, ValueError) as error:
        # The text of the error may hold the URL; its class does not.
        raise exception.ConfigurationError(
            reason=f'{option} is no URL of a database that a driver is '
            f'installed for ({type(error).__name__}).'
        ) from error
    return url


def dialect_of(url: sa.URL) -> str:
    """Give the name of the dialect, as the engines of ``parse`` have it."""
    return url.get_backend_name()


def limited(url: sa.URL, connect: int, read: int | None) -> sa.URL:
    """Let the driver give up after some seconds, unless the URL says it.

    :param read: how long the server may take for an answer, if that matters
    """
    known = {
        name: str(value)
        for name, value in _limits(url, connect, read).items()
        if name not in url.query
    }
    return url.update_query_dict(known)


def as_nova(url: sa.URL) -> sa.URL:
    """Let a connection to MySQL carry what Nova's tables hold.

    They are in what is called ``utf8`` there, the default of oslo.db. With
    more than that MySQL refuses to compare a column with a text that it
    cannot hold. Any other charset stays.
    """
    if dialect_of(url) == 'mysql' and url.query.get('charset') == 'utf8mb4':
        return url.update_query_dict({'charset': 'utf8'})
    return url


def read_timeout(url: sa.URL) -> float | None:
    """Give the seconds an answer may take that the driver knows not to limit.

    None where the driver does so by itself, and where there is no limit.
    """
    # What libpq is told is about bytes that nobody acknowledges. A server
    # that is stopped goes on to acknowledge.
    milliseconds = url.query.get('tcp_user_timeout')
    if dialect_of(url) != 'postgresql' or not isinstance(milliseconds, str):
        return None
    return int(milliseconds) / 1000 or None


def place(url: sa.URL) -> str:
    """Say where a database is, without credentials."""
    name = dialect_of(url)
    if name == 'sqlite':
        return url.database or 'memory'
    host = url.host or url.query.get('host') or url.query.get('unix_socket')
    if not isinstance(host, str):
        host = ','.join(host or ['localhost'])
    return f'{host}:{url.port or _PORTS.get(name, "")}'


def without_secrets(text: str, url: sa.URL | None) -> str:
    """Take passwords and credentials out of a text."""
    if url is not None and url.password:
        text = text.replace(str(url.password), _HIDDEN)
    return _CREDENTIALS.sub(f'://{_HIDDEN}@', text)


def _limits(url: sa.URL, connect: int, read: int | None) -> dict[str, Any]:
    driver = url.get_driver_name()
    if driver in ('pymysql', 'mysqldb'):
        limits = {'connect_timeout': connect}
        if read is not None:
            limits.update(read_timeout=read, write_timeout=read)
        return limits
    if driver in ('psycopg2', 'psycopg'):
        limits = {'connect_timeout': connect}
        if read is not None:
            limits.update(tcp_user_timeout=read * 1000)
        return limits
    return {}
