# SPDX-License-Identifier: Apache-2.0
"""What is to happen, without a database: properties and single cases."""

import dataclasses
import functools
import random

import hypothesis
from hypothesis import strategies as st

from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import refusals
from nova_aggext.compute import requests
from nova_aggext.compute import world as compute_world
from nova_aggext.db import collation
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import model
from nova_aggext.tests.unit.compute import clouds

Item = requests.Item
Judging = requests.Judging

BOUNDS = hypothesis.settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
HOSTS = ('h1', 'h2', 'h3', 'busy1', 'busy2')
INSTANCES = {'busy1': 1, 'busy2': 2}
IDS = (1, 2, 3, 4)

some_hosts = st.lists(st.sampled_from(HOSTS), unique=True).map(tuple)
zones = st.sampled_from((None, 'z1', 'z2'))
names = st.sampled_from(('a1', 'a2', 'A3', 'x', 'X', 'y'))
metadata = st.dictionaries(
    st.sampled_from((records.ZONE_KEY, 'k', 'K', 'other')),
    st.sampled_from((None, 'z1', 'z2', '1')),
)


@st.composite
def some_clouds(draw: st.DrawFn) -> clouds.Cloud:
    """Make a cloud in which no host is in two zones."""
    of_host = {host: draw(zones) for host in HOSTS}
    found = []
    for one in IDS:
        zone = draw(zones)
        hosts = draw(some_hosts)
        if zone is not None:
            hosts = tuple(h for h in hosts if of_host[h] == zone)
        found.append(clouds.aggregate(one, zone, *hosts))
    return clouds.of(*found, **INSTANCES)


def item(one: int) -> st.SearchStrategy[Item]:
    """Ask something of an aggregate that may be there."""
    return st.one_of(
        st.builds(
            Item,
            st.just(one),
            name=st.none() | names,
            metadata=st.none() | metadata,
            add=some_hosts,
        ),
        st.builds(Item, st.just(one), remove=some_hosts),
        st.builds(Item, st.just(one), remove=some_hosts, delete=st.just(True)),
    )


new_items = st.builds(
    Item, st.none(), uuid=st.uuids().map(str), name=names, add=some_hosts
)
requested = st.tuples(
    *(st.none() | item(one) for one in (*IDS, 9)), st.none() | new_items
).map(lambda several: [one for one in several if one is not None])


def state(cloud: clouds.Cloud) -> model.State:
    """Give a cloud as the model of the API has it."""
    return tuple(
        model.make(one.id, one.name, one.hosts, one.metadata)
        for one in cloud.aggregates.values()
    )


def found_of(decision: decisions.Decision) -> list[str]:
    """Give what is found, in an order that tells nothing."""
    return sorted(map(repr, decision.found))


class PropertiesTest(base.TestCase):
    """What holds for every request."""

    @BOUNDS
    @hypothesis.given(some_clouds(), requested, st.randoms())
    def test_order_of_items_never_matters(
        self, cloud: clouds.Cloud, items: list[Item], order: random.Random
    ) -> None:
        shuffled = list(items)
        order.shuffle(shuffled)
        one = cloud.decide(clouds.request(*items))
        other = cloud.decide(clouds.request(*shuffled))
        self.assertEqual(one.changes, other.changes)
        self.assertEqual(found_of(one), found_of(other))

    @BOUNDS
    @hypothesis.given(some_clouds(), requested)
    def test_what_is_accepted_keeps_the_rules(
        self, cloud: clouds.Cloud, items: list[Item]
    ) -> None:
        decision = cloud.decide(clouds.request(*items))
        hypothesis.assume(not decision.found)
        after = cloud.after(decision.changes)
        given = [one.name for one in after.aggregates.values()]
        self.assertEqual(len(given), len({*map(collation.fold, given)}))
        for one in after.aggregates.values():
            keys = {*map(collation.fold, one.metadata)}
            self.assertEqual(len(one.metadata), len(keys))
        for host in HOSTS:
            was = {*cloud.zones(host).values()}
            became = {*after.zones(host).values()}
            self.assertLessEqual(len(became), 1)
            if INSTANCES.get(host):
                self.assertEqual(was, became)

    @BOUNDS
    @hypothesis.given(some_clouds(), requested)
    def test_what_is_so_already_has_no_effect(
        self, cloud: clouds.Cloud, items: list[Item]
    ) -> None:
        kept = [one for one in items if one.aggregate_id and not one.delete]
        decision = cloud.decide(clouds.request(*kept))
        hypothesis.assume(not decision.found)
        again = cloud.after(decision.changes).decide(clouds.request(*kept))
        self.assertEqual(((), ()), (again.changes, again.found))

    @BOUNDS
    @hypothesis.given(
        some_clouds(),
        st.lists(st.sampled_from((*IDS, 9)).flatmap(item), max_size=12),
    )
    def test_what_single_calls_reach_one_change_reaches(
        self, cloud: clouds.Cloud, items: list[Item]
    ) -> None:
        reached = cloud
        for one in map(_single, items):
            asked = clouds.request(one, judging=Judging.NAMED, strict=True)
            decision = reached.decide(asked)
            if not decision.found:
                reached = reached.after(decision.changes)
        whole = clouds.request(*_difference(cloud, reached))
        decision = cloud.decide(whole)
        self.assertEqual((), decision.found)
        self.assertEqual(
            _contents(reached), _contents(cloud.after(decision.changes))
        )


class NovaTest(base.TestCase):
    """A request of one item is Nova's use case."""

    @BOUNDS
    @hypothesis.given(some_clouds(), st.data())
    def test_model(self, cloud: clouds.Cloud, data: st.DataObject) -> None:
        cloud = dataclasses.replace(cloud, instances={})
        call, one = data.draw(_calls())
        expected = model.apply(state(cloud), call, new_id=5)
        asked = clouds.request(one, judging=Judging.NAMED, strict=True)
        decision = cloud.decide(asked)
        self.assertEqual(expected.status == 200, not decision.found)
        if not decision.found:
            after = cloud.after(decision.changes)
            self.assertEqual(set(expected.state), set(state(after)))


class OrderOfRefusalTest(base.TestCase):
    """What Nova says first of all that speaks against a call."""

    cloud = clouds.of(
        clouds.aggregate(1, 'z1', 'busy', k='1'),
        clouds.aggregate(2, 'z2', 'other'),
        clouds.aggregate(3, None, 'both'),
        busy=1,
        new=1,
        both=1,
    )

    def first(self, one: Item, operation: str) -> str:
        """Give the class of the error."""
        asked = dataclasses.replace(
            clouds.request(one, judging=Judging.NAMED, strict=True),
            operation=operation,
        )
        return type(
            refusals.judge(asked, self.cloud.decide(asked).found)
        ).__name__

    def test_update(self) -> None:
        first = functools.partial(self.first, operation='update_aggregate')
        zone = clouds.zone
        for one, expected in (
            (Item(9, name='a2', metadata=zone('')), 'AggregateNotFound'),
            (Item(1, name='a2', metadata=zone('')), 'AggregateNameExists'),
            (Item(1, name='A1', metadata=zone('z1')), 'NoneType'),
            (Item(1, metadata=zone('')), 'InvalidAggregateActionUpdate'),
            (Item(1, metadata=zone('z3')), 'InvalidAggregateActionUpdate'),
        ):
            self.assertEqual(expected, first(one), str(one))

    def test_set_metadata(self) -> None:
        first = functools.partial(
            self.first, operation='update_aggregate_metadata'
        )
        for asked, expected in (
            ({**clouds.zone('z3'), 'K': '1'}, 'InvalidAggregateActionUpdate'),
            ({**clouds.zone(None), 'K': '1'}, 'InvalidAggregateActionUpdate'),
            ({**clouds.zone('z1'), 'K': '1'}, 'AggregateMetadataKeyExists'),
        ):
            found = first(Item(1, metadata=asked)).removesuffix('Meta')
            self.assertEqual(expected, found, str(asked))

    def test_hosts(self) -> None:
        for operation, one, expected in (
            ('add', Item(9, add=('new',)), 'AggregateNotFound'),
            ('add', Item(2, add=('busy',)), 'InvalidAggregateActionAdd'),
            ('add', Item(1, add=('new',)), 'InvalidAggregateActionAdd'),
            ('add', Item(1, add=('busy',)), 'AggregateHostExists'),
            ('remove', Item(2, remove=('busy',)), 'AggregateHostNotFound'),
            ('remove', Item(1, remove=('busy',)), 'InvalidAggregateActionDe'),
        ):
            way = 'to' if operation == 'add' else 'from'
            found = self.first(one, f'{operation}_host_{way}_aggregate')
            self.assertEqual(expected, found[: len(expected)], str(one))


class WantedTest(base.TestCase):
    """What has to be known before more can be said."""

    cloud = clouds.of(clouds.aggregate(1, None, 'h1', 'h2'))

    def test_locks(self) -> None:
        asked = clouds.request(Item(1, metadata=clouds.zone('z1')))
        unlocked = frozenset({'h2'})
        world = dataclasses.replace(self.cloud.world(asked), unlocked=unlocked)
        self.assertEqual(
            (findings.LocksWanted(unlocked),),
            decisions.decide(world, asked).found,
        )

    def test_counts(self) -> None:
        asked = clouds.request(Item(1, metadata=clouds.zone('z1')))
        world = self.cloud.world(asked)
        known = dataclasses.replace(world.known, counts={'h1': 0})
        world = dataclasses.replace(world, known=known)
        self.assertEqual(
            (findings.CountsWanted(frozenset({'h2'})),),
            decisions.decide(world, asked).found,
        )

    def test_hosts(self) -> None:
        """Only of those that would be new."""
        asked = clouds.request(Item(1, add=('h1', 'h3', 'h4')))
        world = self.cloud.world(asked)
        known = compute_world.Known(found={'h4': None})
        world = dataclasses.replace(world, known=known)
        self.assertEqual(
            (
                findings.HostUnknown(world.aggregates[1], 'h4'),
                findings.HostsWanted(frozenset({'h3'})),
            ),
            decisions.decide(world, asked).found,
        )


def _single(one: Item) -> Item:
    """Make what a single call could ask of it."""
    if one.metadata is not None:
        return Item(one.aggregate_id, metadata=one.metadata)
    if one.add or one.remove and not one.delete:
        return Item(one.aggregate_id, add=one.add[:1], remove=one.remove[:1])
    return Item(one.aggregate_id, name=one.name, delete=one.delete)


def _difference(before: clouds.Cloud, after: clouds.Cloud) -> list[Item]:
    """Ask at once for what single calls have reached."""
    asked = []
    for one, was in before.aggregates.items():
        became = after.aggregates.get(one)
        if became is None:
            asked.append(Item(one, remove=was.hosts, delete=True))
            continue
        keys = {*was.metadata, *became.metadata}
        asked.append(
            Item(
                one,
                name=became.name,
                metadata={key: became.metadata.get(key) for key in keys},
                add=tuple({*became.hosts} - {*was.hosts}),
                remove=tuple({*was.hosts} - {*became.hosts}),
            )
        )
    return asked


def _contents(cloud: clouds.Cloud) -> dict[int, object]:
    return {
        number: (one.name, sorted(one.hosts), dict(one.metadata))
        for number, one in cloud.aggregates.items()
    }


@st.composite
def _calls(draw: st.DrawFn) -> tuple[calls.Call, Item]:
    """Give a call of the model, and the same as an item."""
    one = draw(st.sampled_from((*IDS, 9)))
    verb = draw(st.sampled_from(('create', 'update', 'set', 'add', 'remove')))
    host, zone = draw(st.sampled_from(HOSTS)), draw(zones)
    name, asked = draw(names), draw(metadata)
    of_zone = None if zone is None else clouds.zone(zone)
    if verb == 'create':
        made = Item(None, uuid='new', name=name, metadata=of_zone)
        return calls.Call('create', name=name, zone=zone), made
    if verb == 'update':
        call = calls.Call('update', one, name=name, zone=zone)
        return call, Item(one, name=name, metadata=of_zone)
    if verb == 'set':
        pairs = tuple(asked.items())
        call = calls.Call('set_metadata', one, metadata=pairs)
        return call, Item(one, metadata=asked)
    call = calls.Call(f'{verb}_host', one, host=host)
    if verb == 'add':
        return call, Item(one, add=(host,))
    return call, Item(one, remove=(host,))
