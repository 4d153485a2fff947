# SPDX-License-Identifier: Apache-2.0
"""One change of many beside the single calls that Nova needs for it."""

import argparse
from collections.abc import Iterator
import dataclasses
import itertools
import json
import statistics
from typing import Any

import fixtures
import sqlalchemy as sa

from bench import client
from bench import machine
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases

NOVA_PATH = '/v2.1/os-aggregates'
OUR_PATH = '/v2.1/os-aggext'
# Aggregates that are filled, and how many hosts each gets.
_AGGREGATES, _HOSTS = 10, 100
_MOVED = 200
_MANY = 5000
_RECORDED = 1_000_000
_READS = 20
# Of ten changes seven of Nova's are of hosts, one is a new name and one of
# metadata; one was asked for as one.
_RECORD = """
INSERT INTO aggext_changes (changed_at, request_id, user_id, project_id,
 operation, aggregate_id, aggregate_uuid, aggregate_name, host, `before`,
 `after`, change_id, position)
SELECT now(6), 'req-bench', 'user', 'project',
 CASE seq % 10 WHEN 0 THEN 'change_aggregates' WHEN 1 THEN 'update_aggregate'
  WHEN 2 THEN 'update_aggregate_metadata' ELSE 'add_host_to_aggregate' END,
 1 + seq % 1000, uuid(), 'aggregate',
 IF(seq % 10 > 2, concat('host-', seq), NULL),
 CASE seq % 10 WHEN 1 THEN '{{"name": "aggregate"}}'
  WHEN 2 THEN '{{"metadata": {{"ssd": null}}}}' ELSE '{{"hosts": []}}' END,
 CASE seq % 10 WHEN 1 THEN '{{"name": "other"}}'
  WHEN 2 THEN '{{"metadata": {{"ssd": "true"}}}}'
  ELSE concat('{{"hosts": ["host-', seq, '"]}}') END,
 IF(seq % 10 = 0, concat('00000000-0000-4000-8000-', lpad(seq, 12, 0)), NULL),
 seq FROM seq_1_to_{rows}
"""
_ASKED = """
INSERT INTO aggext_change_sets (id, kind, request_digest, digest, document,
 changed_at, user_id, project_id, request_id)
SELECT concat('00000000-0000-4000-8000-', lpad(10 * seq, 12, 0)), 'change',
 'd', 'd', :document, now(6), 'user', 'project', 'req-bench'
 FROM seq_1_to_{sets}
"""
_HEAD = """
INSERT INTO aggext_marks (name, position) VALUES ('head', {rows})
 ON DUPLICATE KEY UPDATE position = {rows}
"""


@dataclasses.dataclass(frozen=True)
class Line:
    """One comparison.

    :ivar nova: seconds of all single calls; None where there are none
    """

    what: str
    ours: float
    nova: float | None = None


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; give what is written into a file."""
    described = machine.describe()
    with fixtures.Fixture() as held:
        nova = held.useFixture(clouds.Nova())
        nova.sync()
        nova.serve_placement()
        seeds.hosts(nova.databases, sizes.Size(1, 2, 1))
        theirs = held.useFixture(servers.nova(nova))
        ours = held.useFixture(servers.ours(nova, deadline=0, relay=False))
        described['versions'] = machine.versions(nova.environment.bin)
        size = sizes.BIG
        seeds.aggregates(nova.databases.engine(databases.API), size)
        seeds.hosts(nova.databases, size)
        both = _Both(servers.connect(theirs), servers.connect(ours))
        lines = []
        measured = itertools.chain(
            both.writes(), both.reads(), _feed(nova, both)
        )
        for line in measured:
            print(line, flush=True)
            lines.append(dataclasses.asdict(line))
        memory = both.memory(ours)
    described['load_after'] = machine.load()
    return {'machine': described, 'lines': lines, 'memory': memory}


class _Both:
    """Somebody who calls a Nova, and ours."""

    def __init__(self, nova: client.Client, ours: client.Client) -> None:
        self._nova = nova
        self._ours = ours
        self._names = [f'many-{number}' for number in range(_AGGREGATES)]
        self._ids = [self._made(name) for name in self._names]

    def writes(self) -> Iterator[Line]:
        """Add hosts, plan that, and move some."""
        hosts = [f'host-{n}' for n in range(_AGGREGATES * _HOSTS)]
        parts = {
            number: hosts[at * _HOSTS : (at + 1) * _HOSTS]
            for at, number in enumerate(self._ids)
        }
        asked = [
            {'aggregate': {'id': one}, 'hosts': {'add': several}}
            for one, several in parts.items()
        ]
        name = f'{len(hosts)} memberships'
        yield Line(f'plan {name}', self._change(asked, '?dry_run=true'))
        theirs = sum(
            self._act(one, 'add_host', host)
            for one, several in parts.items()
            for host in several
        )
        self._clear()
        yield Line(f'add {name}', self._change(asked), theirs)
        yield self._move(hosts[:_MOVED])
        self._clear()

    def reads(self) -> Iterator[Line]:
        """Find the aggregates of a host."""
        whole = [self._call('GET', '').seconds for _ in range(_READS // 4)]
        path = f'{OUR_PATH}/aggregates?host=host-4711'
        found = [self._own('GET', path).seconds for _ in range(_READS)]
        yield Line(
            'aggregates of a host',
            statistics.median(found),
            statistics.median(whole),
        )

    def change(self) -> Any:
        """Move a host; give that change."""
        source, target = self._ids[:2]
        asked = [
            {'aggregate': {'id': source}, 'hosts': {'remove': ['host-1']}},
            {'aggregate': {'id': target}, 'hosts': {'add': ['host-1']}},
        ]
        body = {'change': {'aggregates': asked}}
        answer = self._own('POST', f'{OUR_PATH}/changes', body)
        return answer.body['change']

    def page(self) -> float:
        """Give the seconds that a page of the feed takes."""
        path = f'{OUR_PATH}/changes?after={_RECORDED // 2}&limit=100'
        self._own('GET', path)
        return statistics.median(
            self._own('GET', path).seconds for _ in range(_READS)
        )

    def memory(self, process: Any) -> dict[str, float]:
        """Give the most that ours held for one change, in MiB."""
        before = servers.memory(process, 'VmHWM')
        each = _MANY // _AGGREGATES
        racks = (f'host-[{n}-{n + each - 1}]' for n in range(1, _MANY, each))
        asked = [
            {'aggregate': {'id': one}, 'hosts': {'add': [rack]}}
            for one, rack in zip(self._ids, racks, strict=True)
        ]
        seconds = self._change(asked)
        return {
            'before': before,
            'after': servers.memory(process, 'VmHWM'),
            'seconds': seconds,
        }

    def _move(self, hosts: list[str]) -> Line:
        source, target = self._ids[:2]
        here, there = hosts[:_HOSTS], hosts[_HOSTS:]
        # Each way once: those of the first to the second, and back again.
        theirs = sum(
            self._act(source, 'remove_host', host)
            + self._act(target, 'add_host', host)
            for host in here
        ) + sum(
            self._act(target, 'remove_host', host)
            + self._act(source, 'add_host', host)
            for host in there
        )
        swapped = [
            {
                'aggregate': {'id': source},
                'hosts': {'add': here, 'remove': there},
            },
            {
                'aggregate': {'id': target},
                'hosts': {'add': there, 'remove': here},
            },
        ]
        return Line(f'move {len(hosts)} hosts', self._change(swapped), theirs)

    def _clear(self) -> None:
        self._change(
            [
                {'aggregate': {'id': one}, 'hosts': {'set': []}}
                for one in self._ids
            ]
        )

    def _made(self, name: str) -> int:
        answer = self._call('POST', '', {'aggregate': {'name': name}})
        return int(answer.body['aggregate']['id'])

    def _change(self, asked: list[Any], query: str = '') -> float:
        body = {'change': {'aggregates': asked}}
        path = f'{OUR_PATH}/changes{query}'
        return self._own('POST', path, body).seconds

    def _act(self, one: int, action: str, host: str) -> float:
        body = {action: {'host': host}}
        return self._call('POST', f'/{one}/action', body).seconds

    def _call(self, method: str, path: str, body: Any = None) -> client.Answer:
        return _good(self._nova.call(method, f'{NOVA_PATH}{path}', body))

    def _own(self, method: str, path: str, body: Any = None) -> client.Answer:
        return _good(self._ours.call(method, path, body))


def _feed(nova: clouds.Nova, both: _Both) -> Iterator[Line]:
    """Read a page of a record of a million changes."""
    rows = {'rows': _RECORDED, 'sets': _RECORDED // 10}
    document = json.dumps(both.change())
    engine = nova.databases.engine(databases.API)
    with engine.begin() as connection:
        connection.execute(sa.text('DELETE FROM aggext_changes'))
        connection.execute(sa.text('DELETE FROM aggext_change_sets'))
        connection.execute(sa.text(_RECORD.format(**rows)))
        asked = sa.text(_ASKED.format(**rows))
        connection.execute(asked, {'document': document})
        connection.execute(sa.text(_HEAD.format(**rows)))
    yield Line(f'page of 100 of {_RECORDED} changes', both.page())


def _good(answer: client.Answer) -> client.Answer:
    if answer.status not in (200, 201):
        raise RuntimeError(str(answer))
    return answer
