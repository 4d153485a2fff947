# SPDX-License-Identifier: Apache-2.0
"""Requests of one aggregate or of many as data, as one process sends them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute import unset
from nova_aggext.compute import world as compute_world
from nova_aggext.db import database as db_database
from nova_aggext.tests.unit import stubs

Item = requests.Item

# The operation of a request of many; the others are Nova's.
CHANGE = 'change_aggregates'


@dataclasses.dataclass(frozen=True, slots=True)
class Side:
    """A request.

    :ivar operation: that of Nova, where it is one of Nova's
    """

    items: tuple[Item, ...]
    operation: str = CHANGE
    strict: bool = False

    def request(self) -> requests.Request:
        """Give it to the core."""
        ours = self.operation == CHANGE
        judging = requests.Judging
        return requests.Request(
            stubs.caller(),
            self.items,
            self.operation,
            judging=judging.ALTERED if ours else judging.NAMED,
            strict=self.strict or not ours,
        )

    def primitive(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return {
            **dataclasses.asdict(self),
            'items': [_primitive(one) for one in self.items],
        }


def of(*items: Item, strict: bool = False) -> Side:
    """Ask for a change of many."""
    return Side(items, strict=strict)


def nova(operation: str, item: Item) -> Side:
    """Ask for what Nova has a use case for."""
    return Side((item,), operation)


def from_primitive(values: Mapping[str, Any]) -> Side:
    """Give what was made a primitive."""
    items = tuple(_item(**one) for one in values['items'])
    return Side(items, values['operation'], values['strict'])


class Case(runner.NovaCase):
    """A request that is refused for whatever speaks against it."""

    def judge(
        self,
        session: db_database.Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> runner.Verdict:
        """Refuse it, whatever has to be known for more."""
        against = [one for one in decision.found if not _is_wanted(one)]
        if against:
            return exception.InvalidAggregateActionUpdate(
                action='change', aggregate_id=None, reason=str(against)
            )
        return next(iter(findings.wanted(decision.found)), None)


def _is_wanted(one: findings.Finding) -> bool:
    return isinstance(one, findings.WANTED)


def _primitive(item: Item) -> dict[str, Any]:
    """Give an item without what it does not ask for."""
    return {
        name: value
        for name, value in dataclasses.asdict(item).items()
        if value is not unset.UNSET
    }


def _item(*, add: list[str], remove: list[str], **values: Any) -> Item:
    return Item(**values, add=tuple(add), remove=tuple(remove))
