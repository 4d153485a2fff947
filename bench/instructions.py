# SPDX-License-Identifier: Apache-2.0
"""Python calls and allocations of each request: a check without a clock.

The same code makes the same number of calls on a busy machine and on an idle
one, so that this runs where nothing can be timed. It counts on SQLite, in
this process, and compares with ``instructions.json``.
"""

from collections.abc import Callable
import json
import pathlib
import sys
import tracemalloc
from types import FrameType
from typing import Any

import sqlalchemy as sa
import webob

from bench import seeds
from bench import sizes
from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases

KNOWN = pathlib.Path(__file__).with_suffix('.json')
# What has grown by more than this share has got worse. Releases of Python
# and of the libraries differ by less.
TOLERANCE = 0.1

_SMALL = sizes.Size(20, 10, 5)
_LARGE = sizes.Size(120, 10, 5)
_HEADERS = {'X-User-Id': 'u', 'X-Project-Id': 'p', 'X-Roles': 'admin'}
_PATH = '/os-aggregates'
_WARM = 3
_RELAY = '[aggext_outbox]\nrelay = false\n'
_BODIES: dict[str, tuple[str, str, Any]] = {
    'show': ('GET', f'{_PATH}/2', None),
    'set_metadata': (
        'POST',
        f'{_PATH}/2/action',
        {'set_metadata': {'metadata': {'key-1': 'a'}}},
    ),
    'add_host': (
        'POST',
        f'{_PATH}/2/action',
        {'add_host': {'host': 'spare'}},
    ),
    'remove_host': (
        'POST',
        f'{_PATH}/2/action',
        {'remove_host': {'host': 'spare'}},
    ),
}
_LIST = ('GET', _PATH, None)

Request = tuple[str, str, Any]


def run(check: bool) -> None:
    """Count and compare, or else write what is counted.

    :raises SystemExit: when something got worse
    """
    found = _counts()
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    worse = [
        name
        for name, count in found.items()
        if count > known.get(name, count) * (1 + TOLERANCE)
    ]
    for name, count in found.items():
        print(f'{name:28} {count:10} {known.get(name, "")!s:>10}')
    if check:
        if worse:
            raise SystemExit(f'More than before: {", ".join(worse)}')
    else:
        KNOWN.write_text(json.dumps(found, indent=1) + '\n')


def _counts() -> dict[str, int]:
    """Count calls, and for a list what each aggregate adds."""
    with databases.Database() as made:
        text = pathlib.Path(made.conf_file).read_text()
        text = text.replace('validate_responses = true', '')
        pathlib.Path(made.conf_file).write_text(text + _RELAY)
        hosts = registered.RegisteredHosts(made.conf, made.database)
        hosts.add_host('spare')
        served = services.Services(aggext_conf.load([made.conf_file]))
        app = application.Application(served).api()
        engine = sa.create_engine(made.url)
        try:
            return _count_all(app, engine)
        finally:
            served.close()
            engine.dispose()


def _count_all(app: Any, engine: sa.Engine) -> dict[str, int]:
    found = {}
    lists = []
    for size in (_SMALL, _LARGE):
        seeds.aggregates(engine, size)
        for _ in range(_WARM):
            for request in (*_BODIES.values(), _LIST):
                _send(app, request)
        lists.append((_calls(app, _LIST), _peak(app, _LIST)))
    for name, request in _BODIES.items():
        found[f'{name}: calls'] = _calls(app, request)
    more = _LARGE.aggregates - _SMALL.aggregates
    found['list of 20: calls'] = lists[0][0]
    # Calls of one aggregate beyond those of the request.
    found['list, 100 more: calls'] = lists[1][0] - lists[0][0]
    found['list, one more: bytes'] = (lists[1][1] - lists[0][1]) // more
    return found


def _calls(app: Any, request: Request) -> int:
    """Give how many functions a request calls, those of C included.

    Another request comes first: what is done once in a second, as looking for
    policy files, is not counted.
    """
    _send(app, _LIST)
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ('call', 'c_call')

    _profiled(count, lambda: _send(app, request))
    return counted


def _profiled(count: Callable[..., None], work: Callable[[], None]) -> None:
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)


def _peak(app: Any, request: Request) -> int:
    """Give the most bytes that Python holds during a request."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        _send(app, request)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def _send(app: Any, request: Request) -> None:
    method, path, body = request
    made = webob.Request.blank(
        path, method=method, headers=_HEADERS, base_url='http://a/v2.1'
    )
    if body is not None:
        made.content_type = 'application/json'
        made.body = json.dumps(body).encode()
    answer = made.get_response(app)
    if answer.status_code != 200:
        raise RuntimeError(f'{method} {path}: {answer}')
