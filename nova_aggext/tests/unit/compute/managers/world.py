# SPDX-License-Identifier: Apache-2.0
"""Applies a document with the real core, on what a model holds."""

import dataclasses
from typing import Any

from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import requests
from nova_aggext.compute import world as compute_world
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.managers import applying
from nova_aggext.compute.managers import desired
from nova_aggext.compute.managers import fields
from nova_aggext.db import claims
from nova_aggext.db import records
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.compute import clouds
from nova_aggext.tests.unit.compute.managers import model


@dataclasses.dataclass
class Applied:
    """What came of it, in the terms of the model."""

    conflicts: set[tuple[str, str, str]]
    drifts: set[tuple[str, str]]
    is_refused: bool
    changes: bool
    states: dict[str, model.State]
    memory: dict[str, dict[str, model.Claims]]


def apply(
    found: model.Model,
    manager: str,
    asked: dict[str, Any],
    mark: str,
) -> Applied:
    """Apply a document.

    :param mark: what the keys of new aggregates begin with
    """
    return _Applying(found, manager, asked).result(mark)


class _Applying:
    def __init__(
        self, found: model.Model, manager: str, asked: dict[str, Any]
    ) -> None:
        self.model = found
        self.manager = manager
        self.asked = asked
        self.document = document(asked)
        # Nothing tells how large ids are, or that they follow the keys.
        self.keys = {
            10 * number: key
            for number, key in enumerate(sorted(found.states), start=1)
        }
        self.ids = {key: number for number, key in self.keys.items()}
        self.cloud = _Cloud(
            {one: self._aggregate(one) for one in self.keys}, {}, found.known
        )
        self.picture = resolution.Picture(self.cloud.aggregates.values())

    def result(self, mark: str) -> Applied:
        """Do as the use case does it."""
        skipped: frozenset[str] = frozenset()
        while True:
            parts = applying.apply(self.document, self._situation(skipped))
            items = tuple(one.item for one in parts if one.item)
            resolved = resolution.resolve(
                compute_asked.Asked(items), self.picture, skipped
            )
            if resolved.problems:
                raise AssertionError(resolved.problems)
            decision = self.cloud.decide(clouds.request(*resolved.items))
            unknown = {
                one.host
                for one in decision.found
                if isinstance(one, findings.HostUnknown)
            }
            if not unknown or self.asked.get('unknown_hosts') != 'skip':
                return self._told(parts, decision, mark)
            skipped |= unknown

    def _told(
        self,
        parts: list[applying.Part],
        decision: decisions.Decision,
        mark: str,
    ) -> Applied:
        drifts = {
            (one.aggregate.name, one.field)
            for part in parts
            for one in part.drifts
        }
        conflicts = {one for part in parts for one in _conflicts(part)}
        refused = bool(decision.found)
        if not self.document.force:
            refused |= bool(conflicts)
        else:
            conflicts |= self._forced()
        if self.document.refuses_drift:
            refused |= bool(drifts)
        keys = dict(self.keys)
        states = dict(self.model.states)
        for change in decision.changes:
            if change.after is None and change.before is not None:
                del states[keys[change.before.id]]
            elif change.after is not None:
                key = keys.get(change.after.id, f'{mark}-{change.after.name}')
                states[key] = state(change.after)
        memory = self._memory(parts, mark)
        return Applied(
            conflicts, drifts, refused, bool(decision.changes), states, memory
        )

    def _forced(self) -> set[tuple[str, str, str]]:
        """Give the conflicts that there would be without force."""
        plain = dataclasses.replace(self.document, force=False)
        parts = applying.apply(plain, self._situation(frozenset()))
        return {one for part in parts for one in _conflicts(part)}

    def _memory(
        self, parts: list[applying.Part], mark: str
    ) -> dict[str, dict[str, model.Claims]]:
        after = {
            name: {k: one for k, one in of.items() if k in self.ids}
            for name, of in self.model.memory.items()
        }
        after[self.manager] = {}
        for part in parts:
            for one in (*part.others, *([part.held] if part.held else [])):
                key = self.keys.get(one.aggregate_id, f'{mark}-{one.name}')
                after[one.manager][key] = _claims(one)
        return after

    def _aggregate(self, number: int) -> records.Aggregate:
        one = self.model.states[self.keys[number]]
        values = {
            field[9:]: value
            for field, value in one.items()
            if field.startswith('metadata/')
        }
        if one['availability_zone'] is not None:
            values[records.ZONE_KEY] = one['availability_zone']
        return dataclasses.replace(
            stubs.aggregate(number),
            uuid=self.keys[number],
            name=one['name'],
            hosts=tuple(f[6:] for f in one if f.startswith('hosts/')),
            metadata=values,
            **{name: one[name] for name in records.ANNOTATIONS},
        )

    def _situation(self, skipped: frozenset[str]) -> applying.Situation:
        others: dict[int, tuple[claims.Holding, ...]] = {}
        for name, of in sorted(self.model.memory.items()):
            for key, one in of.items():
                if name != self.manager and key in self.ids:
                    number = self.ids[key]
                    holding = _holding(name, number, key, one)
                    others[number] = (*others.get(number, ()), holding)
        return applying.Situation(
            self.manager,
            self.picture,
            {
                self.ids[key]: _holding(self.manager, self.ids[key], key, one)
                for key, one in self.model.memory.get(self.manager, {}).items()
                if key in self.ids
            },
            others,
            skipped,
        )


class _Cloud(clouds.Cloud):
    """A cloud whose inventory does not know all hosts."""

    def __init__(
        self,
        aggregates: dict[int, records.Aggregate],
        instances: dict[str, int],
        known: set[str],
    ) -> None:
        object.__setattr__(self, 'aggregates', aggregates)
        object.__setattr__(self, 'instances', instances)
        object.__setattr__(self, 'inventory', known)

    def world(self, asked: requests.Request) -> compute_world.World:
        """Give what is read for a request."""
        found = super().world(asked)
        told = {
            name: host if name in self.inventory else None  # type: ignore
            for name, host in found.known.found.items()
        }
        known = dataclasses.replace(found.known, found=told)
        return dataclasses.replace(found, known=known)


def document(asked: dict[str, Any]) -> desired.Document:
    """Read a document."""
    return desired.Document(
        '/manager',
        tuple(
            _wanted(one, f'/manager/aggregates/{number}')
            for number, one in enumerate(asked['aggregates'])
        ),
        prune=asked.get('prune', False),
        force=asked.get('force', False),
        refuses_drift=asked.get('on_drift') == 'refuse',
    )


def state(one: records.Aggregate) -> model.State:
    """Give an aggregate as the model has it."""
    found = model.new_state(one.name)
    found['availability_zone'] = one.availability_zone
    found |= {name: getattr(one, name) for name in records.ANNOTATIONS}
    found |= {f'hosts/{host}': True for host in one.hosts}
    found |= {
        f'metadata/{key}': value
        for key, value in one.metadata.items()
        if key != records.ZONE_KEY
    }
    return found


def _wanted(entry: dict[str, Any], at: str) -> desired.Wanted:
    return desired.Wanted(
        at,
        entry['name'],
        {name: entry[name] for name in fields.SCALARS if name in entry},
        {
            host: f'{at}/hosts/{number}'
            for number, host in enumerate(entry.get('hosts', ()))
        },
        entry.get('metadata', {}),
        frozenset(entry.get('exclusive', ())),
        entry.get('state') == 'absent',
    )


def _conflicts(part: applying.Part) -> set[tuple[str, str, str]]:
    name = part.wanted.name if part.wanted else ''
    return {(name, one.manager, one.field) for one in part.conflicts}


def _holding(
    manager: str, number: int, key: str, one: model.Claims
) -> claims.Holding:
    return claims.Holding(
        manager,
        number,
        key,
        one.anchor,
        one.made,
        one.values,
        frozenset(one.whole),
        frozenset(field[6:] for field in one.skipped),
    )


def _claims(one: claims.Holding) -> model.Claims:
    return model.Claims(
        one.name,
        one.is_maker,
        dict(one.fields),
        set(one.exclusive),
        {f'hosts/{host}' for host in one.skipped},
    )
