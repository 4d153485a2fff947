# SPDX-License-Identifier: Apache-2.0
"""Random rules, aggregates and callers against a model of who may do what."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import hypothesis
from hypothesis import strategies as st
import sqlalchemy as sa

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional import test_fuzz
from nova_aggext.tests.functional.policy import base
from nova_aggext.tests.functional.policy import model

RULES = (
    policies.INDEX,
    policies.SHOW,
    policies.REMOVE_HOST,
    policies.ADD_HOST,
    policies.SET_METADATA,
    own_policies.AGGREGATES_LIST,
    own_policies.AGGREGATES_SHOW,
    own_policies.PROTECT,
)
SHOW = own_policies.AGGREGATES_SHOW

EXAMPLES = max(1, test_fuzz.EXAMPLES // 5)

# What is asked of an aggregate, and the rules of that.
ASKED: tuple[tuple[base.Document, tuple[str, ...]], ...] = (
    ({}, (SHOW,)),
    ({'hosts': {'add': ['h4']}}, (policies.ADD_HOST,)),
    ({'hosts': {'remove': ['h4']}}, (policies.REMOVE_HOST,)),
    (
        {'hosts': {'add': ['h4']}, 'metadata': {'add': {'k': 'v'}}},
        (policies.SET_METADATA, policies.ADD_HOST),
    ),
    ({'owner': 'p'}, ()),
    ({'owner': None, 'metadata': {'set': {}}}, (policies.SET_METADATA,)),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """What is asked of an aggregate, or of one that is not there."""

    one: model.One | None
    asked: base.Document
    rules: tuple[str, ...]

    @property
    def written(self) -> base.Document:
        """The item as it is sent."""
        number = self.one.id if self.one else model.UNKNOWN
        return {'aggregate': {'id': number}, **self.asked}

    def needs(self) -> Iterator[tuple[str, model.Target]]:
        """Give rules, and what each is asked about."""
        target = self.one.target if self.one else model.NOTHING
        for rule in self.rules:
            yield rule, target
        if 'owner' in self.asked:
            left = {key: one for key, one in target.items() if key != 'owner'}
            yield own_policies.PROTECT, target
            new = model.owned_by(self.asked['owner'])
            yield own_policies.PROTECT, {**left, **new}

    def may(self, world: model.World) -> bool:
        """Say whether all of it is allowed."""
        return all(world.may(*need) for need in self.needs())

    def seen(self, world: model.World) -> 'Item':
        """Give it as it is for who asks."""
        if (
            self.one is None
            or self.may(world)
            or world.may(SHOW, self.one.target)
        ):
            return self
        return dataclasses.replace(self, one=None)


class ModelTest(base.PolicyTestCase):
    """Who may do what, and what he learns otherwise."""

    def setUp(self) -> None:
        super().setUp()
        self.ids = {
            one['name']: one['id'] for one in (self.one, self.other, self.free)
        }
        self.allow({})
        # To read gives positions to what has none.
        self.send('GET', '/changes')

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=test_fuzz.BOUNDS.derandomize,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def test_world(self, data: st.DataObject) -> None:
        names = st.sampled_from(RULES)
        rules = {
            **dict.fromkeys(RULES, ('!',)),
            **data.draw(st.dictionaries(names, model.rules, max_size=8)),
        }
        world = model.World(rules, data.draw(model.callers))
        every = self.given(data)
        self.allow({name: model.written(one) for name, one in rules.items()})
        before = self.rows()
        for one in (*every, None):
            self.check_nova(world, one)
            self.check_show(world, one, policies.SHOW, base.NOVA, '')
            self.check_show(world, one, SHOW, base.OWN, '/aggregates')
        self.check_list(world, every, policies.INDEX, base.NOVA, '')
        rule = own_policies.AGGREGATES_LIST
        self.check_list(world, every, rule, base.OWN, '/aggregates')
        items = data.draw(
            st.lists(
                st.builds(
                    lambda one, asked: Item(one, *asked),
                    st.sampled_from([*every, None]),
                    st.sampled_from(ASKED),
                ),
                min_size=1,
                max_size=3,
                unique_by=lambda item: item.one and item.one.id,
            )
        )
        self.check_change(world, items)
        self.unchanged(before)

    def given(self, data: st.DataObject) -> list[model.One]:
        """Give the aggregates other owners."""
        owners = st.sampled_from([None, *model.PROJECTS])
        every = [
            model.One(
                number, name, data.draw(owners), data.draw(st.booleans())
            )
            for name, number in self.ids.items()
        ]

        def work(session: db_database.Session) -> None:
            session.execute(sa.delete(models.annotations))
            for one in every:
                row = {
                    'aggregate_id': one.id,
                    'owner': one.owner,
                    'protected': one.protected,
                }
                session.execute(sa.insert(models.annotations), row)

        self.db.database.write(work)
        return every

    def check_nova(self, world: model.World, one: model.One | None) -> None:
        """Take a host out that is not in there."""
        target = one.target if one else model.NOTHING
        is_there = one is not None
        rule = policies.REMOVE_HOST
        if not world.may(rule, target) and not world.may(
            policies.SHOW, target
        ):
            target, is_there = model.NOTHING, False
        answer = self.act(
            world.who,
            {'id': one.id if one else model.UNKNOWN},
            'remove_host',
            {'host': 'h4'},
        )
        if not world.may(rule, target):
            self.assertEqual(403, answer.status_int, answer.text)
        else:
            self.assertEqual(404, answer.status_int, answer.text)
            self.assertEqual(is_there, 'has no host' in answer.text)

    def check_show(
        self,
        world: model.World,
        one: model.One | None,
        rule: str,
        root: str,
        path: str,
    ) -> None:
        number = one.id if one else model.UNKNOWN
        answer = self.ask(world.who, 'GET', f'{path}/{number}', root=root)
        if one is not None and world.may(rule, one.target):
            expected = 200
        else:
            sees = world.lists(rule, []) is not None
            expected = 404 if sees else 403
        self.assertEqual(expected, answer.status_int, answer.text)

    def check_list(
        self,
        world: model.World,
        every: list[model.One],
        rule: str,
        root: str,
        path: str,
    ) -> None:
        answer = self.ask(world.who, 'GET', path, root=root)
        expected = world.lists(rule, every)
        if expected is None:
            self.assertEqual(403, answer.status_int, answer.text)
            return
        found = [one['id'] for one in answer.json['aggregates']]
        self.assertEqual([one.id for one in expected], found)

    def check_change(self, world: model.World, items: list[Item]) -> None:
        answer = self.planned(world, items)
        if all(item.may(world) for item in items):
            if all(item.one for item in items):
                self.assertIn(answer.status_int, (200, 403), answer.text)
                self.assertNotIn('"host-aggregate.forbidden"', answer.text)
            else:
                self.assertEqual(400, answer.status_int, answer.text)
            return
        seen = [item.seen(world) for item in items]
        expected = 400 if all(item.may(world) for item in seen) else 403
        self.assertEqual(expected, answer.status_int, answer.text)
        told = self.told(answer)
        self.assertEqual(told, self.told(self.planned(world, seen)))
        for one in {item.one for item in items} - {item.one for item in seen}:
            name = one.name if one else ''
            self.assertNotIn(f'"{name}"', answer.text)

    def planned(self, world: model.World, items: list[Item]) -> Any:
        asked = [item.written for item in items]
        return self.tell(world.who, *asked, query='?dry_run=true')

    def told(self, answer: Any) -> list[base.Document]:
        errors: list[base.Document] = answer.json['errors']
        for one in errors:
            del one['request_id']
        return errors
