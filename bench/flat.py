# SPDX-License-Identifier: Apache-2.0
"""Ours in a small cloud and in a big one, in turn.

A machine is faster in one minute than in the next, so that times of two sizes
can only be compared when they were measured together.
"""

import argparse
from typing import Any

import fixtures

from bench import interleaved
from bench import machine
from bench import operations
from bench import seeds
from bench import servers
from bench import sizes
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases

SIZES = (sizes.SMALL, sizes.BIG)
# The operations that are to cost the same whatever the size.
OPERATIONS = (operations.show, operations.set_metadata, operations.member)


class Cloud(fixtures.Fixture):
    """The databases and the placement of a Nova, and ours on them.

    :ivar caller: calls our server
    """

    def __init__(self, size: sizes.Size) -> None:
        super().__init__()
        self.size = size

    def _setUp(self) -> None:
        nova = self.useFixture(clouds.Nova())
        nova.sync()
        nova.serve_placement()
        seeds.aggregates(nova.databases.engine(databases.API), self.size)
        seeds.hosts(nova.databases, self.size)
        ours = self.useFixture(servers.ours(nova))
        self.caller = operations.Caller(
            servers.connect(ours), self.size, seeds.SPARE[0]
        )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; give what is written into a file."""
    effort = interleaved.Effort.of(arguments)
    described = machine.describe()
    found: list[interleaved.Result] = []
    with fixtures.Fixture() as held:
        callers = {
            str(size): held.useFixture(Cloud(size)).caller for size in SIZES
        }
        for operation in OPERATIONS:
            for result in interleaved.measure(operation, callers, effort):
                print(result, flush=True)
                found.append(result)
    described['load_after'] = machine.load()
    return {
        'machine': described,
        'results': [result.as_json() for result in found],
    }
