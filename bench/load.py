# SPDX-License-Identifier: Apache-2.0
"""Many clients at once, by wrk: mixed reads, and reads with writes."""

import argparse
from collections.abc import Mapping
import json
import os
import pathlib
import subprocess
from typing import Any

import fixtures

from bench import floor
from bench import machine
from bench import operations
from bench import peer
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import processes

SIZE = sizes.MEDIUM
CONNECTIONS = 8
# The share of writes among the requests of the second kind.
WRITES = 0.1
_SCRIPT = pathlib.Path(__file__).with_name('mixed.lua')
# Seconds before the measurement that fill pools and caches.
_WARM = 2


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; give what is written into a file.

    :raises FileNotFoundError: without wrk
    """
    described = machine.describe()
    with fixtures.Fixture() as held:
        nova = held.useFixture(clouds.Nova())
        nova.sync()
        _fill(nova)
        reads = _reads(nova, arguments)
        writes = _writes(nova, arguments)
    described['load_after'] = machine.load()
    return {'machine': described, 'reads': reads, 'writes': writes}


def _fill(nova: clouds.Nova) -> None:
    """Fill the databases."""
    seeds.aggregates(nova.databases.engine(databases.API), SIZE)
    seeds.hosts(nova.databases, SIZE)


def _reads(
    nova: clouds.Nova, arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Read from one worker of four threads of each, in turn."""
    url = nova.databases.url(databases.API)
    path = operations.PATH
    with fixtures.Fixture() as held:
        nova.serve_placement()
        served = {
            peer.NOVA: (held.useFixture(servers.nova(nova)), path),
            peer.OURS: (held.useFixture(servers.ours(nova)), path),
            'floor': (
                held.useFixture(servers.floor(nova.folder, url)),
                f'/{floor.ROWS}{path}',
            ),
        }
        for process, path in served.values():
            wrk(process, path, _WARM, 0)
        return [
            _told(name, wrk(process, path, arguments.wrk_seconds, 0))
            for _ in range(2)
            for name, (process, path) in served.items()
        ]


def _writes(
    nova: clouds.Nova, arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Read and write, with two workers of eight threads, one at a time."""
    found = []
    many = {'workers': 2, 'threads': 8}
    for name, make in ((peer.NOVA, servers.nova), (peer.OURS, servers.ours)):
        process: processes.Process = make(nova, **many)
        with process:
            wrk(process, operations.PATH, _WARM, WRITES)
            told = wrk(
                process, operations.PATH, arguments.write_seconds, WRITES
            )
        found.append(_told(name, told))
    return found


def wrk(
    process: processes.Process, path: str, seconds: int, writes: float
) -> dict[str, float]:
    """Run wrk for some seconds; give what it tells."""
    variables: Mapping[str, str] = {
        **os.environ,
        'BENCH_PATH': path,
        'BENCH_AGGREGATES': str(SIZE.aggregates),
        'BENCH_WRITES': str(writes),
    }
    command = ['wrk', '-t1', f'-c{CONNECTIONS}', f'-d{seconds}s']
    command += ['--timeout', '30s', '-s', str(_SCRIPT), process.url]
    output = subprocess.run(
        command,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds + 60,
    ).stdout
    told: dict[str, float] = json.loads(output.partition('RESULT ')[2])
    return told


def _told(name: str, told: dict[str, float]) -> dict[str, Any]:
    result = {
        'server': name,
        'per_second': round(told['requests'] / told['seconds'], 1),
        **told,
    }
    print(result, flush=True)
    return result
