# SPDX-License-Identifier: Apache-2.0
"""Rules, aggregates and callers of a small world, and who may do what in it.

A second reading of what rules mean: it shares nothing with oslo.policy.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from nova_aggext.tests.functional.policy import base

Target: TypeAlias = Mapping[str, Any]
# An operator and what it is applied to.
Rule: TypeAlias = tuple[Any, ...]

PROJECTS = ('p', 'q', 'None')
NOTHING: Target = {}
# Of no aggregate.
UNKNOWN = 999999


@dataclasses.dataclass(frozen=True, slots=True)
class One:
    """An aggregate."""

    id: int
    name: str
    owner: str | None = None
    protected: bool = False

    @property
    def target(self) -> Target:
        """What rules know of it."""
        return {
            'name': self.name,
            'protected': self.protected,
            **owned_by(self.owner),
        }


def owned_by(owner: str | None) -> Target:
    """Give what rules know of what somebody owns; None owns nothing."""
    return {'owner': owner} if owner not in (None, 'None') else {}


def written(rule: Rule) -> str:
    """Write a rule as a policy file has it."""
    match rule:
        case ('role', role):
            return f'role:{role}'
        case ('own',):
            return 'project_id:%(project_id)s'
        case ('owner', project):
            return f"'{project}':%(aggregate.owner)s"
        case ('name', name):
            return f"'{name}':%(aggregate.name)s"
        case ('protected',):
            return 'True:%(aggregate.protected)s'
        case ('not', one):
            return f'not ({written(one)})'
        case (way, one, other):
            return f'({written(one)} {way} {written(other)})'
        case (constant,):
            return str(constant)
    raise ValueError(rule)


def passes(rule: Rule, target: Target, who: base.Caller) -> bool:
    """Say whether a rule lets somebody pass."""
    match rule:
        case ('role', role):
            return role in who.roles
        case ('own',):
            owner = target.get('owner')
            return owner is not None and bool(owner == who.project)
        case ('owner', project):
            return bool(target.get('owner') == project)
        case ('name', name):
            return bool(target.get('name') == name)
        case ('protected',):
            return target.get('protected', False) is True
        case ('not', one):
            return not passes(one, target, who)
        case ('and', one, other):
            return passes(one, target, who) and passes(other, target, who)
        case ('or', one, other):
            return passes(one, target, who) or passes(other, target, who)
    return rule == ('@',)


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """Rules by their names, and who asks."""

    rules: Mapping[str, Rule]
    who: base.Caller

    def may(self, rule: str, target: Target = NOTHING) -> bool:
        """Say whether he may do a thing; tokens of the system may nothing."""
        return self.who.scope is None and passes(
            self.rules[rule], target, self.who
        )

    def lists(self, rule: str, every: list[One]) -> list[One] | None:
        """Give what he may list; None: nothing at all."""
        if self.may(rule):
            return every
        own = owned_by(self.who.project)
        if own and self.may(rule, own):
            return [
                one for one in every if one.target.get('owner') == own['owner']
            ]
        return None


_atoms = st.one_of(
    st.tuples(st.just('role'), st.sampled_from(['admin', 'manager'])),
    st.just(('own',)),
    st.tuples(st.just('owner'), st.sampled_from(PROJECTS)),
    st.tuples(st.just('name'), st.sampled_from(['one', 'other'])),
    st.just(('protected',)),
    st.sampled_from([('@',), ('!',)]),
)
rules: st.SearchStrategy[Rule] = st.recursive(
    _atoms,
    lambda parts: st.one_of(
        st.tuples(st.just('not'), parts),
        st.tuples(st.sampled_from(['and', 'or']), parts, parts),
    ),
    max_leaves=4,
)
callers = st.builds(
    base.Caller,
    project=st.sampled_from([*PROJECTS, None]),
    roles=st.sampled_from([(), ('manager',), ('admin',), base.MANAGER]),
    scope=st.sampled_from([None, None, None, None, 'all']),
)
