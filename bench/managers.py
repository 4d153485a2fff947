# SPDX-License-Identifier: Apache-2.0
"""One large document of a manager: what it takes to apply and to repeat it.

No server: requests are answered in this process, on MariaDB.
"""

import argparse
from collections.abc import Iterator
import contextlib
import pathlib
import statistics
import time
import tracemalloc
from typing import Any

import webob

from bench import machine
from nova_aggext import deploy
from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases

AGGREGATES = 500
# Of each aggregate; as many memberships as a document may have.
HOSTS = 10
ROUNDS = 5

_PATH = '/v2.1/os-aggext/managers/bench'
_QUIET = '[aggext_outbox]\nrelay = false\n'

Document = dict[str, Any]


def run(_arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; give what is written into a file."""
    described = machine.describe()
    with databases.Database('mysql') as made, _served(made) as app:
        hosts = registered.RegisteredHosts(made.conf, made.database)
        hosts.add_host(*(f'host-{one:05}' for one in range(_MEMBERSHIPS)))
        first, changed = _document('1'), _document('2')
        lines = {
            'plan': _timed(app, first, '?dry_run=true'),
            'first apply': _timed(app, first),
            'repeat': statistics.median(
                _timed(app, first) for _ in range(ROUNDS)
            ),
            'change of each': _timed(app, changed),
        }
        peaks = {
            'repeat': _peak(app, changed),
            'change of each': _peak(app, first),
        }
    described['load_after'] = machine.load()
    return {
        'machine': described,
        'aggregates': AGGREGATES,
        'memberships': _MEMBERSHIPS,
        'seconds': lines,
        'peaks': peaks,
    }


_MEMBERSHIPS = AGGREGATES * HOSTS


@contextlib.contextmanager
def _served(made: databases.Database) -> Iterator[Any]:
    """Serve on a database."""
    path = pathlib.Path(made.conf_file).with_name('bench.conf')
    path.write_text(pathlib.Path(made.conf_file).read_text() + _QUIET)
    yield deploy.load([str(path)])


def _document(value: str) -> Document:
    """Make the document; the value is one of metadata of each aggregate."""
    return {
        'unknown_hosts': 'skip',
        'aggregates': [
            {
                'name': f'aggregate-{number}',
                'hosts': [f'host-{number:04}[0-{HOSTS - 1}]'],
                'exclusive': ['hosts'],
                'metadata': {'value': value},
            }
            for number in range(AGGREGATES)
        ],
    }


def _timed(app: Any, document: Document, query: str = '') -> float:
    """Apply a document; give the seconds that takes."""
    request = webob.Request.blank(f'{_PATH}{query}', method='PUT')
    request.json = {'manager': document}
    start = time.perf_counter()
    answer = request.get_response(app)
    taken = time.perf_counter() - start
    if answer.status_int not in (200, 201):
        raise RuntimeError(answer.text[:1000])
    return taken


def _peak(app: Any, document: Document) -> int:
    """Apply a document; give the most bytes of Python held meanwhile."""
    tracemalloc.start()
    try:
        _timed(app, document)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
