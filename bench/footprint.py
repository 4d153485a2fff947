# SPDX-License-Identifier: Apache-2.0
"""Memory, the time until the first answer, and the cost of the filter."""

import argparse
from collections.abc import Callable
from collections.abc import Iterable
import io
import statistics
import subprocess
import time
from typing import TYPE_CHECKING, Any

import fixtures

from bench import machine
from bench import operations
from bench import peer
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.tests.functional import databases as functional
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import processes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

STARTS = 9
# Seconds between two looks whether a server answers.
_PAUSE = 0.005
# Calls of one turn, and turns, of the filter.
_CALLS = 2000
_TURNS = 15
# With it, and only then, the filter has something to deliver.
_BUS = '[DEFAULT]\ntransport_url = fake://\n'
_ENVIRON = {
    'REQUEST_METHOD': 'GET',
    'SCRIPT_NAME': '/v2.1',
    'PATH_INFO': '/servers/5a5cf0b4-0f1e-4b5c-9c0a-1d2e3f4a5b6c',
    'QUERY_STRING': '',
    'SERVER_NAME': '127.0.0.1',
    'SERVER_PORT': '8774',
    'SERVER_PROTOCOL': 'HTTP/1.1',
    'HTTP_HOST': '127.0.0.1:8774',
    'HTTP_X_ROLES': 'admin',
    'HTTP_X_USER_ID': 'admin',
    'HTTP_X_PROJECT_ID': 'admin',
    'HTTP_OPENSTACK_API_VERSION': 'compute 2.90',
    'wsgi.url_scheme': 'http',
}


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; give what is written into a file."""
    described = machine.describe()
    found: dict[str, Any] = {'filter': _filter()}
    with fixtures.Fixture() as held:
        nova = held.useFixture(clouds.Nova())
        nova.sync()
        seeds.hosts(nova.databases, sizes.Size(1, 2, 1))
        found['starts'] = _starts(nova)
        found['memory'] = _memories(nova, arguments.huge)
    described['load_after'] = machine.load()
    print(found)
    return {'machine': described, **found}


def _starts(nova: clouds.Nova) -> dict[str, float]:
    """Give the median seconds from the start to the first answer."""
    seconds: dict[str, list[float]] = {name: [] for name in _MAKERS}
    for _ in range(STARTS):
        for name, make in _MAKERS.items():
            seconds[name].append(_first_answer(make(nova)))
    return {
        name: round(statistics.median(several), 3)
        for name, several in seconds.items()
    }


def _first_answer(process: processes.Process) -> float:
    """Start a server, wait for a list of the aggregates, and stop it.

    :raises TimeoutError: when it does not come
    """
    started = time.monotonic()
    process.process = subprocess.Popen(
        process.command,
        cwd=process.folder,
        env={**venvs.environment(), **process.variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() < started + processes.START:
            if _answers(process):
                return time.monotonic() - started
            time.sleep(_PAUSE)
    finally:
        process.stop()
    raise TimeoutError(process.command)


def _answers(process: processes.Process) -> bool:
    connection = servers.connect(process)
    try:
        return connection.call('GET', operations.PATH).status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


_MAKERS = {peer.NOVA: servers.nova, peer.OURS: servers.ours}


def _memories(nova: clouds.Nova, huge: bool) -> dict[str, Any]:
    """Give the MiB of a worker after its start, and after the big list."""
    engine = nova.databases.engine(databases.API)
    seeds.aggregates(engine, sizes.BIG)
    found: dict[str, Any] = {}
    for name, make in _MAKERS.items():
        found[name] = _memory(make(nova), sizes.BIG)
    if huge:
        seeds.aggregates(engine, sizes.HUGE)
        found[f'{peer.OURS}, huge'] = _memory(servers.ours(nova), sizes.HUGE)
    return found


def _memory(process: processes.Process, size: sizes.Size) -> dict[str, Any]:
    with process:
        caller = operations.Caller(servers.connect(process), size, '')
        caller.call('GET', '/1')
        before = servers.memory(process, 'VmRSS')
        answers = [caller.call('GET') for _ in range(2)]
        return {
            'size': str(size),
            'start_mib': round(before, 1),
            'peak_mib': round(servers.memory(process, 'VmHWM'), 1),
            'seconds': round(answers[-1].seconds, 3),
            'answer_mib': round(len(answers[-1].content) / 2**20, 1),
        }


def _filter() -> dict[str, float]:
    """Give the microseconds that a request of Nova spends in the filter."""
    with functional.Database() as made:
        with open(made.conf_file, 'a') as conf_file:
            conf_file.write(_BUS)
        served = services.Services(aggext_conf.load([made.conf_file]))
        filtered = application.Application(served).filter(_beneath)
        try:
            times = [(_turn(_beneath), _turn(filtered)) for _ in range(_TURNS)]
        finally:
            served.close()
    return {
        'median_us': round(statistics.median(b - a for a, b in times), 2),
        'least_us': round(min(b - a for a, b in times), 2),
    }


def _turn(app: 'WSGIApplication') -> float:
    """Give the microseconds of the processor that one call takes."""
    started = time.thread_time()
    for _ in range(_CALLS):
        environ = {**_ENVIRON, 'wsgi.input': io.BytesIO()}
        for _part in app(environ, _start_response):
            pass
    return (time.thread_time() - started) / _CALLS * 1e6


def _beneath(
    environ: 'WSGIEnvironment', start_response: 'StartResponse'
) -> Iterable[bytes]:
    """Answer at once, in the place of Nova."""
    start_response('200 OK', [('Content-Length', '2')])
    return [b'{}']


def _start_response(
    status: str, headers: list[tuple[str, str]], exc_info: Any = None
) -> Callable[[bytes], object]:
    """Take the answer."""
    return io.BytesIO().write
