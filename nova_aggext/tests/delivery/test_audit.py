# SPDX-License-Identifier: Apache-2.0
"""The audit of memberships, beside a real placement."""

from collections.abc import Collection
import pathlib
from typing import Any, ClassVar
import uuid

from nova_aggext.cmd import manage
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import placement
from nova_aggext.tests.delivery import world
from nova_aggext.tests.unit.cmd import commands

HOST = 'cmp00000'
OTHER = 'cmp00001'
# A host with a node that placement has no provider of.
UNKNOWN = 'norp1'


class AuditTest(base.DeliveryTest):
    """One aggregate with a host, one without."""

    placement: ClassVar[placement.Placement]
    world: ClassVar[world.World]

    # An aggregate in placement that is not Nova's.
    foreign = str(uuid.UUID(int=7))

    @classmethod
    def setUpClass(cls) -> None:
        """Bring placement up, with providers of two hosts."""
        super().setUpClass()
        cls.placement = cls.use_for_class(placement.Placement())
        cls.world = cls.use_for_class(world.World())
        for host in (HOST, OTHER):
            cls.placement.add_provider(host, cls.world.nodes[host])
        with pathlib.Path(cls.world.conf_file).open('a') as conf_file:
            conf_file.write(cls.placement.options)

    def setUp(self) -> None:
        super().setUp()
        self.begin(HOST)

    def begin(self, host: str) -> None:
        """Let a host be in one of two aggregates, and placement agree."""
        wanted = (world.Aggregate('full', (host,)), world.Aggregate('empty'))
        self.uuids = self.world.begin(*wanted)
        self.place(HOST, ['full'] if host == HOST else [])
        self.place(OTHER, [])

    def place(self, host: str, names: Collection[str]) -> None:
        """Let the provider of a host be in aggregates."""
        keys = {self.uuids.get(name, name) for name in names}
        self.placement.set_aggregates(self.world.nodes[host], keys)

    def present(self, host: str) -> set[str]:
        """Give the names of the aggregates that a provider is in."""
        names = {key: name for name, key in self.uuids.items()}
        found = self.placement.aggregates(self.world.nodes[host])
        return {names.get(key, key) for key in found}

    def audit(self, *arguments: str, status: int) -> list[Any]:
        """Run the audit; give host, aggregates and outcome of each finding."""
        ended = commands.run(
            manage.main,
            '--config-file',
            self.world.conf_file,
            'audit',
            '--format',
            'json',
            *arguments,
        )
        self.assertEqual(status, ended.status, ended.err)
        said = 'No findings (5 checks).\n'
        self.assertEqual('' if ended.json else said, ended.err)
        ids = {key: name for name, key in self.world.ids().items()}
        return [
            (
                one['subject'],
                [ids[key] for key in one['aggregates']],
                one['outcome'],
            )
            for one in ended.json
        ]

    def check_repair(self, *wanted: tuple[str, list[str]]) -> None:
        """What is found is repaired, and not found again."""
        found = [(*one, 'found') for one in wanted]
        self.assertEqual(found, self.audit(status=1))
        repaired = [(*one, 'repaired') for one in wanted]
        self.assertEqual(repaired, self.audit('--repair', status=0))
        self.assertEqual([], self.audit(status=0))
        self.assertEqual({'full'}, self.present(HOST) - {self.foreign})
        self.assertEqual(set(), self.present(OTHER))

    def test_agreement(self) -> None:
        self.assertEqual([], self.audit(status=0))

    def test_missing(self) -> None:
        self.place(HOST, [])
        self.check_repair((HOST, ['full']))

    def test_stale_beside_a_right_one(self) -> None:
        self.place(HOST, ['full', 'empty', self.foreign])
        self.check_repair((HOST, ['empty']))
        # Aggregates that are not Nova's are nobody's business.
        self.assertIn(self.foreign, self.present(HOST))

    def test_stale_of_a_host_in_no_aggregate(self) -> None:
        self.place(OTHER, ['empty'])
        self.check_repair((OTHER, ['empty']))

    def test_both_ways(self) -> None:
        self.place(HOST, [])
        self.place(OTHER, ['full'])
        self.check_repair((HOST, ['full']), (OTHER, ['full']))

    def test_provider_that_is_gone(self) -> None:
        self.begin(UNKNOWN)
        found = self.audit('--repair', status=1)
        self.assertEqual([(UNKNOWN, ['full'], 'left')], found)

    def test_host_in_two_cells(self) -> None:
        """It is told of, and hides nothing."""
        self.begin('dup1')
        self.place(OTHER, ['empty'])
        found = self.audit('--repair', status=1)
        self.assertIn(('dup1', ['full'], 'left'), found)
        self.assertIn((OTHER, ['empty'], 'left'), found)

    def test_placement_is_away(self) -> None:
        self.placement.proxy.refuse()
        self.addCleanup(self.placement.proxy.serve)
        ended = commands.run(
            manage.main, '--config-file', self.world.conf_file, 'audit'
        )
        self.assertEqual(1, ended.status)
        self.assertIn('[placement]', ended.err)
        self.assertEqual(1, ended.err.count('\n'))
