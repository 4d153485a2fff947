# SPDX-License-Identifier: Apache-2.0
"""What a HostManager of Nova believes while hosts are moved, entry by entry.

One change moves hosts between isolating aggregates. At no moment may the
scheduler believe that a moved host is in none: it would place instances there
that the host is to be kept from.
"""

import contextlib
import random
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, ClassVar

from nova_aggext import conf as aggext_conf
from nova_aggext import hosts as aggext_hosts
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox as db_outbox
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.objects import aggregate as objects
from nova_aggext.outbox import channels
from nova_aggext.outbox import stored
from nova_aggext.scheduler import channel
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import moves
from nova_aggext.tests.unit import stubs

Aggregates = Sequence[records.Aggregate]
Casts = list[tuple[str, list[Any]]]

CHANGES = 60
SEED = 34


class Bus:
    """Takes casts, and keeps the method and the entries of each."""

    def __init__(self) -> None:
        self.casts: Casts = []

    @contextlib.contextmanager
    def sending(self) -> Iterator['Bus']:
        """Lend itself."""
        yield self

    def cast(self, _context: Any, method: str, **arguments: Any) -> None:
        """Keep a cast."""
        ((name, told),) = arguments.items()
        entries = told if name == 'aggregates' else [told]
        self.casts.append((method, entries))

    def close(self) -> None:
        """Do nothing."""


class MovesTest(base.PeerTest):
    """Changes of many aggregates, told to a real HostManager."""

    nova: ClassVar[clouds.Nova]
    runner: ClassVar[runner.Runner]
    database: ClassVar[db_database.Database]
    channel: ClassVar[channel.SchedulerCasts]
    bus: ClassVar[Bus]

    @classmethod
    def setUpClass(cls) -> None:
        """Make a Nova with hosts, and our core on its databases."""
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.nova.sync()
        for host in moves.HOSTS:
            inventory.Inventory(cls.nova.databases).add_host(host)
        conf = aggext_conf.load([str(cls.nova.conf_file)])
        cls.database = db_database.Database(conf)
        cls.addClassCleanup(cls.database.close)
        hosts = aggext_hosts.load(conf, cls.database)
        cls.addClassCleanup(hosts.close)
        services = channels.Services(conf, cls.database, hosts)
        cls.channel = channel.SchedulerCasts(services)
        cls.channel._bus.close()
        cls.bus = cls.channel._bus = Bus()  # type: ignore[assignment]
        outbox = stored.StoredOutbox(cls.database, [cls.channel], [], 0)
        cls.runner = runner.Runner(cls.database, hosts, outbox)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(inventory.Inventory(self.nova.databases).reset)
        none = (
            moves.Item(None, uuid=name, name=name)
            for name in (moves.new_name() for _ in range(moves.FEWEST))
        )
        self.run_(list(none))
        one, *others = self.read()
        self.run_([moves.Item(one.id, add=moves.HOSTS)])
        self.tell()
        self.manager = self.useFixture(moves.Manager(self.nova))
        self.choose = random.Random(SEED)

    def run_(self, items: Sequence[moves.Item]) -> None:
        """Make a change."""
        asked = requests.Request(
            stubs.caller(),
            tuple(items),
            'change_aggregates',
            judging=requests.Judging.ALTERED,
            strict=False,
        )
        self.runner.run(asked, runner.NovaCase(asked))

    def read(self) -> Aggregates:
        """Read all aggregates."""
        return self.database.read(queries.list_aggregates)

    def tell(self) -> Casts:
        """Let the channel tell what waits; give what it casts."""
        self.bus.casts.clear()
        waiting = self.database.read(lambda s: db_outbox.select(s, 1000))
        for message in self.channel.prepare(waiting):
            self.channel.tell(message, None)
        told = [one.id for one in waiting]
        self.database.write(lambda s: db_outbox.drop(s, told))
        return list(self.bus.casts)

    def gaps(
        self, before: Aggregates, after: Aggregates, casts: Casts
    ) -> list[str]:
        """Let it take casts; give the moved hosts that were in none."""
        was, is_ = moves.homes(before), moves.homes(after)
        own = {host: was[host] | is_[host] for host in was if host in is_}
        return [
            f'{host} is in {found} after {entry}'
            for method, entries in casts
            for entry, seen in zip(
                entries,
                self.manager.take(method, entries, sorted(own)),
                strict=True,
            )
            for host, found in seen.items()
            if not own[host].intersection(found)
        ]

    def check_belief(self) -> None:
        """Check that it believes what is in the database."""
        heard, read = self.manager.beliefs()
        self.assertEqual(read, heard)
        hosts: Mapping[str, Any] = heard['hosts']
        self.assertEqual(set(moves.HOSTS), set(hosts))

    def test_no_gap(self) -> None:
        """Each moved host is in one of its aggregates all the time."""
        after = self.read()
        for _ in range(CHANGES):
            before = after
            items = moves.change(before, self.choose)
            self.run_(items)
            casts, after = self.tell(), self.read()
            found = self.gaps(before, after, casts)
            self.assertEqual([], found, f'{items} of {before}')
        self.check_belief()

    def test_told_late(self) -> None:
        """What several changes left is believed when all is told."""
        for _ in range(CHANGES // 4):
            for _ in range(3):
                self.run_(moves.change(self.read(), self.choose))
            for method, entries in self.tell():
                self.manager.take(method, entries, ())
        self.check_belief()

    def test_naive_order(self) -> None:
        """A loser that is told before who gains leaves a gap."""
        before = self.read()
        one, other = before[0], before[1]
        self.run_(
            [
                moves.Item(one.id, remove=one.hosts),
                moves.Item(other.id, add=one.hosts),
            ]
        )
        after = self.read()
        entries = [objects.snapshot(found.values()) for found in after[:2]]
        found = self.gaps(before, after, [(channel.UPDATE, entries)])
        self.assertEqual(len(one.hosts), len(found), str(found))
        self.check_belief()
