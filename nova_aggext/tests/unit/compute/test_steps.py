# SPDX-License-Identifier: Apache-2.0
"""What happened to one aggregate, step by step."""

import json

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import requests
from nova_aggext.compute import steps
from nova_aggext.notifications import bulk
from nova_aggext.tests import base
from nova_aggext.tests.unit.compute import clouds

Item = requests.Item

ONE = clouds.aggregate(1, 'z1', 'h1', 'h2')
MUCH = Item(
    1,
    name='b',
    metadata={'availability_zone': None, 'k': 'v'},
    add=('h3', 'h4'),
    remove=('h1',),
)
MADE = Item(
    None,
    uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    name='c',
    metadata={'availability_zone': 'z1', 'k': 'v'},
    add=('h1',),
)
GONE = Item(1, remove=('h1', 'h2'), delete=True)


def change(item: Item) -> compute_change.Change:
    """Give what an item makes of the aggregate."""
    asked = clouds.request(item)
    (made,) = compute_change.changes_of(asked, {1: ONE})
    return made


def told(item: Item) -> list[tuple[str, tuple[str, ...], dict[str, str]]]:
    """Give name, hosts and metadata after each step, but of a deletion."""
    found = []
    for step in steps.each(change(item)):
        after = getattr(step, 'after', None)
        state = (after.hosts, dict(after.metadata)) if after else ((), {})
        found.append((type(step).__name__, *state))
    return found


class EachTest(base.TestCase):
    """One step after the other, in Nova's words."""

    def test_much(self) -> None:
        zone, left = {'availability_zone': 'z1'}, {'k': 'v'}
        self.assertEqual(
            [
                ('Renaming', ('h1', 'h2'), zone),
                ('SettingMetadata', ('h1', 'h2'), left),
                ('AddingHost', ('h1', 'h2', 'h3'), left),
                ('AddingHost', ('h1', 'h2', 'h3', 'h4'), left),
                ('RemovingHost', ('h2', 'h3', 'h4'), left),
            ],
            told(MUCH),
        )

    def test_made(self) -> None:
        zone = {'availability_zone': 'z1'}
        self.assertEqual(
            [
                ('Creating', (), zone),
                ('SettingMetadata', (), {**zone, 'k': 'v'}),
                ('AddingHost', ('h1',), {**zone, 'k': 'v'}),
            ],
            told(MADE),
        )

    def test_gone(self) -> None:
        zone = {'availability_zone': 'z1'}
        self.assertEqual(
            [
                ('RemovingHost', ('h2',), zone),
                ('RemovingHost', (), zone),
                ('Deleting', (), {}),
            ],
            told(GONE),
        )

    def test_the_end_is_the_state_after(self) -> None:
        made = change(MUCH)
        *_, last = steps.each(made)
        self.assertEqual(made.after, getattr(last, 'after', None))


class CountTest(base.TestCase):
    """How many steps there are, without taking any."""

    def test_as_many_as_are_taken(self) -> None:
        for item in (
            MUCH,
            MADE,
            GONE,
            Item(1, name='b'),
            Item(1, add=('h3',)),
            Item(1, metadata={'k': 'v'}),
            Item(None, name='c'),
            Item(None, name='c', metadata={'availability_zone': 'z1'}),
            Item(None, name='c', metadata={'k': 'v'}, add=('h1', 'h2')),
        ):
            made = change(item)
            taken = len(list(steps.each(made)))
            self.assertEqual(taken, steps.count(made), str(item))


class SubjectTest(base.TestCase):
    """Few steps are told each, many as one."""

    def test_few(self) -> None:
        for item, number in (
            (Item(1, name='b'), 1),
            (Item(1, add=('h3',), remove=('h1',)), 2),
        ):
            (subject,) = steps.subjects([change(item)])
            taken = subject.steps
            self.assertEqual(number, len(taken))
            self.assertNotIsInstance(taken[0], steps.Several)

    def test_many(self) -> None:
        made = change(MUCH)
        (subject,) = steps.subjects([made])
        self.assertEqual((steps.Several(made),), subject.steps)

    def test_none_of_annotations(self) -> None:
        item = Item(1, description='d', owner=None, protected=True)
        self.assertEqual((), steps.subjects([change(item)]))


class BulkTest(base.TestCase):
    """Many steps, stored as what they follow from."""

    def test_the_same_steps_follow(self) -> None:
        for item in (MUCH, MADE, GONE):
            made = change(item)
            packed = json.loads(json.dumps(bulk.pack(made)))
            self.assertEqual(
                list(steps.each(made)), list(steps.each(bulk.unpack(packed)))
            )

    def test_size(self) -> None:
        """Hosts that were there, and those that come, are named once."""
        hosts = tuple(f'host-{number:04}' for number in range(2000))
        one = clouds.aggregate(1, None, *hosts[:1000])
        asked = clouds.request(Item(1, add=hosts[1000:]))
        (made,) = compute_change.changes_of(asked, {1: one})
        text = json.dumps(bulk.pack(made))
        self.assertEqual(2000, text.count('host-'))

    def test_ids(self) -> None:
        """Each has an id of its own, whenever it is told."""
        message = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
        ids = [bulk.identify(message, number) for number in range(4)]
        self.assertEqual(4, len({*ids}))
        self.assertEqual(ids[2], bulk.identify(message, 2))
