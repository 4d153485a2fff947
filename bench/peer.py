# SPDX-License-Identifier: Apache-2.0
"""Ours beside a real Nova, on the same databases."""

import argparse
from collections.abc import Iterator
from typing import Any

import fixtures

from bench import floor
from bench import interleaved
from bench import machine
from bench import operations
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import processes

NOVA = 'nova'
OURS = 'ours'
# The mirror in one call, where the last one is remembered.
REMEMBERED = 'remembered'
# The mirror in placement left to the relay.
RELAYED = 'relayed'
# The relay in a process of its own; everything is left to it.
APART = 'relay apart'
# Seconds that the last operation may take when the time is over.
_GRACE = 45


class Cloud(fixtures.Fixture):
    """A Nova, its placement, and ours four times beside it, all running.

    :ivar nova: the Nova with its databases
    :ivar served: the servers by their names
    """

    def _setUp(self) -> None:
        self.nova = self.useFixture(clouds.Nova())
        self.nova.sync()
        self.nova.serve_placement()
        # A Nova does not start without a compute service.
        seeds.hosts(self.nova.databases, sizes.Size(1, 2, 1))
        self.served: dict[str, processes.Process] = {
            NOVA: self.useFixture(servers.nova(self.nova)),
            OURS: self.useFixture(servers.ours(self.nova, deadline=1)),
            REMEMBERED: self.useFixture(servers.ours(self.nova, memory=10)),
            RELAYED: self.useFixture(servers.ours(self.nova, deadline=0)),
            APART: self.useFixture(
                servers.ours(self.nova, deadline=0, relay=False)
            ),
        }
        self.useFixture(servers.relay(self.nova))

    def fill(self, size: sizes.Size) -> None:
        """Put a size in the place of all that is there."""
        engine = self.nova.databases.engine(databases.API)
        seeds.aggregates(engine, size)
        seeds.hosts(self.nova.databases, size)

    def callers(self, size: sizes.Size) -> dict[str, operations.Caller]:
        """Return one caller of each server."""
        return {
            name: operations.Caller(servers.connect(process), size, host)
            for (name, process), host in zip(
                self.served.items(), seeds.SPARE, strict=False
            )
        }


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure all sizes; give what is written into a file."""
    effort = interleaved.Effort.of(arguments)
    results: list[interleaved.Result] = []
    described = machine.describe()
    with Cloud() as cloud:
        described['versions'] = machine.versions(cloud.nova.environment.bin)
        with interleaved.until(effort.deadline + _GRACE):
            for size in arguments.sizes:
                for result in _measure(cloud, size, effort):
                    print(result, flush=True)
                    results.append(result)
    described['load_after'] = machine.load()
    return {
        'machine': described,
        'results': [result.as_json() for result in results],
    }


def _measure(
    cloud: Cloud, size: sizes.Size, effort: interleaved.Effort
) -> Iterator[interleaved.Result]:
    """Measure all operations at one size, as far as there is time."""
    cloud.fill(size)
    callers = cloud.callers(size)
    floor.require_same({name: callers[name] for name in (NOVA, OURS)})
    for operation in operations.ALL:
        if effort.is_over():
            print(f'No time left for {operation.__name__} at {size}')
            continue
        wanted = {name: callers[name] for name in _compared(operation)}
        yield from interleaved.measure(operation, wanted, effort)


def _compared(operation: operations.Operation) -> tuple[str, ...]:
    """Give the servers on which an operation may cost something else."""
    if operation in operations.MEMBERS:
        return (NOVA, OURS, REMEMBERED, RELAYED, APART)
    if operation in operations.READS:
        return (NOVA, OURS)
    return (NOVA, OURS, APART)
