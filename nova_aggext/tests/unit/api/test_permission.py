# SPDX-License-Identifier: Apache-2.0
"""What the policy is told of an aggregate, and how it is asked."""

from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.api import permission
from nova_aggext.db import records
from nova_aggext.policies import aggregates as policies
from nova_aggext.tests import base

RULE = policies.ADD_HOST
ZONE = {records.ZONE_KEY: 'z'}


def aggregate(**values: Any) -> records.Aggregate:
    """Make an aggregate that has a zone."""
    given = {'id': 7, 'uuid': 'u', 'name': 'one', 'hosts': (), **values}
    return records.Aggregate(
        metadata=ZONE, created_at=None, updated_at=None, **given
    )


class Rules:
    """Rules that let pass what belongs to one of some owners.

    :ivar asked: the targets that they were asked about, with the rule
    """

    def __init__(self, owners: Mapping[str, Any], looks: bool = True) -> None:
        """Take the owners that each rule lets pass; None: what has none."""
        self._owners = owners
        self._looks = looks
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def authorize(
        self, rule: str, target: Mapping[str, Any], who: Any
    ) -> None:
        """Decide."""
        self.asked.append((rule, dict(target)))
        if target.get('project_id') not in self._owners.get(rule, ()):
            raise exception.PolicyNotAuthorized(action=rule)

    def looks_at_target(self, rule: str) -> bool:
        """Say whether owners count."""
        return self._looks

    def caller(self, project: str | None = 'p') -> context.RequestContext:
        """Give somebody of a project, under these rules."""
        return context.RequestContext(
            policy=lambda: self, project_id=project, user_id='me'
        )


class TargetTest(base.TestCase):
    """What rules may look at."""

    def test_owned(self) -> None:
        self.assertEqual(
            {
                'project_id': 'p',
                'aggregate.owner': 'p',
                'aggregate.name': 'one',
                'aggregate.availability_zone': 'z',
                'aggregate.protected': True,
            },
            permission.target(aggregate(owner='p', protected=True)),
        )

    def test_owned_by_nobody(self) -> None:
        """No key at all; a project of the name None owns nothing."""
        for owner in None, 'None':
            found = permission.target(aggregate(owner=owner))
            self.assertNotIn('project_id', found)
            self.assertNotIn('aggregate.owner', found)

    def test_not_there(self) -> None:
        self.assertEqual({}, dict(permission.target(None)))


class OwnerTest(base.TestCase):
    """Whose aggregates somebody may list."""

    def test_all(self) -> None:
        who = Rules({RULE: [None]}).caller()
        self.assertIsNone(permission.owner(who, RULE))

    def test_own(self) -> None:
        rules = Rules({RULE: ['p', '', 'None']})
        self.assertEqual('p', permission.owner(rules.caller(), RULE))
        for project in 'q', '', None, 'None':
            self.assertRaises(
                exception.PolicyNotAuthorized,
                permission.owner,
                rules.caller(project),
                RULE,
            )


class RequireTest(base.TestCase):
    """Asked about what is there, and about it again when it changes."""

    def setUp(self) -> None:
        super().setUp()
        self.one: records.Aggregate | None = aggregate(owner='p')
        self.read: list[bool] = []

    def find(self, annotated: bool) -> records.Aggregate:
        self.read.append(annotated)
        if self.one is None:
            raise exception.AggregateNotFound(aggregate_id=7)
        return self.one

    def require(self, rules: Rules, project: str = 'p') -> Any:
        return permission.require(rules.caller(project), RULE, self.find)

    def test_no_rule_looks(self) -> None:
        """Nothing is read, and nothing asked again."""
        rules = Rules({RULE: [None]}, looks=False)
        self.assertIsNone(self.require(rules))
        self.assertEqual([], self.read)
        self.assertEqual([(RULE, {})], rules.asked)

    def test_a_rule_looks(self) -> None:
        rules = Rules({RULE: ['p']})
        permit = self.require(rules)
        self.assertEqual([True], self.read)
        # Never without what it is asked about.
        self.assertEqual(
            {(RULE, 'p')},
            {(rule, of['project_id']) for rule, of in rules.asked},
        )
        permit(self.one)
        given = aggregate(owner='q')
        self.assertRaises(exception.PolicyNotAuthorized, permit, given)

    def test_not_there(self) -> None:
        """Asked about nothing; who may is told so when he does it."""
        self.one = None
        rules = Rules({RULE: ['p']})
        self.assertRaises(exception.PolicyNotAuthorized, self.require, rules)
        self.assertEqual([{}], [of for rule, of in rules.asked[:1]])
        self.assertIsNotNone(self.require(Rules({RULE: [None]})))

    def test_others_are_as_if_not_there(self) -> None:
        self.one = aggregate(owner='q')
        for owners in (
            {RULE: ['p']},
            {RULE: [None], policies.SHOW: ['q']},
        ):
            self.assertRaises(
                exception.PolicyNotAuthorized, self.require, Rules(owners)
            )
        # Who may do it with what is not there is told so no sooner.
        permit = self.require(Rules({RULE: [None]}))
        self.assertRaises(exception.AggregateNotFound, permit, self.one)

    def test_show(self) -> None:
        def show(rules: Rules) -> records.Aggregate:
            return permission.show(rules.caller(), RULE, self.find, '7')

        self.assertIs(self.one, show(Rules({RULE: ['p']})))
        self.assertEqual([True], self.read)
        self.assertIs(self.one, show(Rules({RULE: [None, 'p']})))
        for one in aggregate(owner='q'), None:
            self.one = one
            error = self.assertRaises(
                exception.AggregateNotFound, show, Rules({RULE: ['p']})
            )
            self.assertIn('7', str(error))
            self.assertRaises(exception.PolicyNotAuthorized, show, Rules({}))

    def test_show_where_no_rule_looks(self) -> None:
        rules = Rules({RULE: [None]}, looks=False)
        permission.show(rules.caller(), RULE, self.find, '7')
        self.assertEqual([False], self.read)
        rules = Rules({}, looks=False)
        who = rules.caller()
        self.assertRaises(
            exception.PolicyNotAuthorized,
            permission.show,
            who,
            RULE,
            self.find,
            '7',
        )
        self.assertEqual([False], self.read)
