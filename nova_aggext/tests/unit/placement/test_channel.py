# SPDX-License-Identifier: Apache-2.0
"""What is told to placement of which nodes."""

import dataclasses

from nova_aggext import conf as aggext_conf
from nova_aggext.compute import inventory
from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.placement import channel
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

OPTIONS = """
[placement]
auth_type = none
endpoint_override = http://127.0.0.1:9
"""
AGGREGATE = stubs.aggregate(7)
ASKED = inventory.ComputeNode('asked', 'asked')
FOUND = inventory.ComputeNode('found', 'found')


class Mirror:
    """A mirror that keeps what it is told.

    :ivar told: nodes, with the aggregates that were Nova's
    """

    def __init__(self) -> None:
        self.told: list[tuple[inventory.ComputeNode, frozenset[str]]] = []

    def nodes(self, host: str) -> tuple[inventory.ComputeNode, ...]:
        """Give the nodes that an inventory tells of."""
        return (ASKED,)

    def set(
        self,
        node: inventory.ComputeNode,
        host: str,
        ours: frozenset[str],
        request: object,
        message: types.Draft,
    ) -> None:
        """Keep it."""
        self.told.append((node, ours))


class PlacementMirrorTest(base.TestCase):
    """A channel with a mirror that leads nowhere."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database())
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(OPTIONS)
        conf = aggext_conf.load([db.conf_file])
        hosts = stubs.Inventory()
        self.channel = channel.PlacementMirror(
            channels.Services(conf, db.database, hosts)
        )
        self.mirror = Mirror()
        self.channel._mirror = self.mirror  # type: ignore[assignment]

    def compose(
        self,
        step: steps.Step,
        aggregate: records.Aggregate = AGGREGATE,
        **found: inventory.Host,
    ) -> types.Draft:
        """Make the one message of a step."""
        done = stubs.done(aggregate, step, found=found)
        (draft,) = self.channel.compose_whole(done)
        self.assertEqual('host:h1', draft.stream)
        return draft

    def adding(self, *nodes: inventory.ComputeNode) -> types.Draft:
        """Make the message of a host that was added."""
        step = steps.AddingHost('h1', AGGREGATE, AGGREGATE)
        return self.compose(step, h1=inventory.Host('h1', nodes))

    def test_found(self) -> None:
        """Nodes that the request has found are not asked for again."""
        self.channel.tell(self.adding(FOUND), None)
        self.assertEqual([(FOUND, {AGGREGATE.uuid})], self.mirror.told)

    def test_late(self) -> None:
        """After a while they may be others."""
        draft = self.adding(FOUND)
        body = {**draft.body, 'found_at': draft.body['found_at'] - 60}
        self.channel.tell(dataclasses.replace(draft, body=body), None)
        self.assertEqual([(ASKED, {AGGREGATE.uuid})], self.mirror.told)

    def test_many(self) -> None:
        """More than a few are not stored."""
        nodes = [
            inventory.ComputeNode(str(number), str(number))
            for number in range(21)
        ]
        self.assertNotIn('nodes', self.adding(*nodes).body)

    def test_removed(self) -> None:
        """A request that removes a host asks for no nodes."""
        step = steps.RemovingHost('h1', AGGREGATE, AGGREGATE)
        self.channel.tell(self.compose(step), None)
        self.assertEqual([(ASKED, {AGGREGATE.uuid})], self.mirror.told)

    def test_fold(self) -> None:
        """The last message speaks of the aggregates of all."""
        other = dataclasses.replace(AGGREGATE, uuid='other')
        step = steps.RemovingHost('h1', other, other)
        folded = self.channel.fold(
            [self.compose(step, other), self.adding(FOUND)]
        )
        self.channel.tell(folded, None)
        expected = {AGGREGATE.uuid, 'other'}
        self.assertEqual([(FOUND, expected)], self.mirror.told)

    def test_once_for_each_host(self) -> None:
        """One message of a host that joins one aggregate and leaves one."""
        other = dataclasses.replace(AGGREGATE, id=8, uuid='other')
        steps_ = (
            (AGGREGATE, steps.AddingHost('h1', AGGREGATE, AGGREGATE)),
            (other, steps.RemovingHost('h1', other, other)),
        )
        subjects = tuple(steps.Subject(one, (step,)) for one, step in steps_)
        done = steps.Done(stubs.caller(), subjects)
        (draft,) = self.channel.compose_whole(done)
        self.assertEqual([AGGREGATE.uuid, 'other'], draft.body['aggregates'])

    def test_others(self) -> None:
        """Nothing is told of other steps."""
        done = stubs.done(AGGREGATE, steps.Deleting(AGGREGATE))
        self.assertEqual([], list(self.channel.compose_whole(done)))
