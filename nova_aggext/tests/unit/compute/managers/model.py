# SPDX-License-Identifier: Apache-2.0
"""A model of what managers may do to each other, by opinions alone.

A manager has an opinion on a field where it claims the field, or a collection
that the field would be an element of. Two managers are in conflict where both
have one and they differ. All else follows from asking for every field that
there may be, one after the other.
"""

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

HOSTS = ('h1', 'h2', 'h3', 'h4', 'u1', 'u2')
KEYS = ('k', 'l', 'm')
SCALARS = ('name', 'availability_zone', 'description', 'owner', 'protected')
ELEMENTS = (*(f'hosts/{h}' for h in HOSTS), *(f'metadata/{k}' for k in KEYS))
# What is not asked of a protected aggregate.
_FREE = ('description', 'protected')

Document = dict[str, Any]
# Values by fields; an element that is not there has none.
State = dict[str, Any]


class _None:
    """No opinion."""

    def __repr__(self) -> str:
        return '-'


NO_OPINION = _None()


@dataclasses.dataclass
class Claims:
    """What a manager claims of an aggregate."""

    anchor: str
    made: bool
    values: dict[str, Any]
    whole: set[str]
    skipped: set[str] = dataclasses.field(default_factory=set)

    def opinion(self, field: str) -> Any:
        """Give the value that the manager claims a field has."""
        if field in self.values:
            return self.values[field]
        return absent(field) if whole_of(field) in self.whole else NO_OPINION


@dataclasses.dataclass
class Verdict:
    """What an apply comes to."""

    conflicts: set[tuple[str, str, str]]
    drifts: set[tuple[str, str]]
    broken: set[str]
    states: dict[str, State]
    memory: dict[str, dict[str, Claims]]


def absent(field: str) -> Any:
    """Give what an element is that is not there."""
    is_flag = field == 'protected' or field.startswith('hosts/')
    return False if is_flag else None


def whole_of(field: str) -> str:
    """Give the collection of an element; of others, themselves."""
    return field.split('/')[0]


def get(state: State, field: str) -> Any:
    """Give the value of a field."""
    return state.get(field, absent(field))


def put(state: State, field: str, value: Any) -> None:
    """Set a field; an element that is absent leaves."""
    if '/' in field and value == absent(field):
        state.pop(field, None)
    else:
        state[field] = value


def values_of(entry: Document) -> dict[str, Any]:
    """Give the fields that an entry of a document gives."""
    found = {name: entry[name] for name in SCALARS if name in entry}
    found |= {f'hosts/{one}': True for one in entry.get('hosts', ())}
    found |= {
        f'metadata/{key}': value
        for key, value in entry.get('metadata', {}).items()
    }
    return found


def new_state(name: str) -> State:
    """Give an aggregate of which nothing is known but its name."""
    return {
        'name': name,
        'availability_zone': None,
        'description': None,
        'owner': None,
        'protected': False,
    }


class Model:
    """All aggregates, and all claims.

    :ivar states: by keys that are never used twice
    :ivar memory: claims by managers and these keys
    :ivar known: hosts that the inventory knows
    """

    def __init__(self) -> None:
        self.states: dict[str, State] = {}
        self.memory: dict[str, dict[str, Claims]] = {}
        self.known = set(HOSTS) - {'u1', 'u2'}

    def accept(self, verdict: Verdict) -> None:
        """Let what was judged happen."""
        self.states, self.memory = verdict.states, verdict.memory

    def is_refused(self, document: Document, verdict: Verdict) -> bool:
        """Say whether an apply with this verdict must be refused."""
        strict = document.get('on_drift') == 'refuse' and verdict.drifts
        disputed = not document.get('force') and verdict.conflicts
        return bool(strict or disputed or verdict.broken)

    def judge(self, manager: str, document: Document, mark: str) -> Verdict:
        """Find out what an apply comes to, whether or not it is refused.

        :param mark: what the keys of new aggregates begin with, and no other
        """
        memory = {
            name: {k: one for k, one in claims.items() if k in self.states}
            for name, claims in copy.deepcopy(self.memory).items()
        }
        verdict = Verdict(
            set(), set(), set(), copy.deepcopy(self.states), memory
        )
        mine = memory.pop(manager, {})
        kept: dict[str, Claims] = {}
        keys = self._keys(mine, document)
        for entry in document['aggregates']:
            key = keys[entry['name']]
            if entry.get('state') == 'absent':
                if key in mine:
                    self._prune(
                        key, mine, verdict, anyway=bool(document.get('force'))
                    )
                continue
            if key is None:
                key = f'{mark}-{entry["name"]}'
            kept[key] = self._entry(key, entry, mine, document, verdict)
        if document.get('prune'):
            for key in sorted(mine.keys() - {k for k in keys.values() if k}):
                self._prune(key, mine, verdict, anyway=False)
        memory[manager] = kept
        verdict.broken |= set(self._broken(verdict.states))
        return verdict

    def _keys(
        self, mine: dict[str, Claims], document: Document
    ) -> dict[str, str | None]:
        names = [entry['name'] for entry in document['aggregates']]
        keys: dict[str, str | None] = {}
        for key, claims in mine.items():
            if claims.anchor in names:
                keys[claims.anchor] = key
        anchored = set(keys.values())
        for name in names:
            found = [
                key
                for key, state in self.states.items()
                if state['name'] == name and key not in anchored
            ]
            keys.setdefault(name, found[0] if found else None)
        return keys

    def _entry(
        self,
        key: str,
        entry: Document,
        mine: dict[str, Claims],
        document: Document,
        verdict: Verdict,
    ) -> Claims:
        old, before = mine.get(key), self.states.get(key)
        new = Claims(
            entry['name'],
            before is None or bool(old and old.made),
            values_of(entry),
            set(entry.get('exclusive', ())),
        )
        state = verdict.states.setdefault(key, new_state(entry['name']))
        others = _others(verdict.memory, key)
        disputes = [
            (name, field)
            for field in (*SCALARS, *ELEMENTS)
            for name, other in others.items()
            if _differ(new.opinion(field), other.opinion(field))
        ]
        for name, field in disputes:
            verdict.conflicts.add((entry['name'], name, field))
            if document.get('force'):
                _take(others[name], field, new.opinion(field))
        disputed = {field for _, field in disputes}
        for field in (*SCALARS, *ELEMENTS):
            wish = new.opinion(field)
            if wish is NO_OPINION and _is_dropped(field, old, others):
                wish = absent(field)
            if wish is NO_OPINION:
                continue
            if self._is_unknown(field, wish, before):
                if document.get('unknown_hosts') == 'skip':
                    new.skipped.add(field)
                    continue
                verdict.broken.add('unknown')
            if before is not None and field not in disputed:
                self._drift(key, field, wish, old, verdict)
            put(state, field, wish)
        return new

    def _is_unknown(self, field: str, wish: Any, before: State | None) -> bool:
        is_host = field.startswith('hosts/') and wish is True
        is_in = before is not None and get(before, field) is True
        return is_host and not is_in and field[6:] not in self.known

    def _drift(
        self,
        key: str,
        field: str,
        wish: Any,
        old: Claims | None,
        verdict: Verdict,
    ) -> None:
        if old is None or field in old.skipped:
            return
        last, now = old.opinion(field), get(self.states[key], field)
        if last is not NO_OPINION and now not in (last, wish):
            verdict.drifts.add((self.states[key]['name'], field))

    def _prune(
        self,
        key: str,
        mine: dict[str, Claims],
        verdict: Verdict,
        *,
        anyway: bool,
    ) -> None:
        old, state = mine[key], verdict.states[key]
        others = _others(verdict.memory, key)
        for field in ELEMENTS:
            if _is_dropped(field, old, others):
                self._drift(key, field, absent(field), old, verdict)
                put(state, field, absent(field))
        if (
            (old.made or anyway)
            and not state['protected']
            and not any(one.values or one.whole for one in others.values())
            and not any(field.startswith('hosts/') for field in state)
        ):
            for field in SCALARS:
                self._drift(key, field, absent(field), old, verdict)
            del verdict.states[key]

    def _broken(self, after: dict[str, State]) -> Iterator[str]:
        names = [state['name'] for state in after.values()]
        if len(set(names)) < len(names):
            yield 'name'
        for host in HOSTS:
            zones = {
                state['availability_zone']
                for state in after.values()
                if f'hosts/{host}' in state and state['availability_zone']
            }
            if len(zones) > 1:
                yield 'zone'
        for key, state in self.states.items():
            if state['protected'] and _frozen(state) != _frozen(
                after.get(key, {})
            ):
                yield 'protected'


def _others(
    memory: dict[str, dict[str, Claims]], key: str
) -> dict[str, Claims]:
    return {name: of[key] for name, of in memory.items() if key in of}


def _differ(one: Any, other: Any) -> bool:
    return NO_OPINION not in (one, other) and one != other


def _take(other: Claims, field: str, wish: Any) -> None:
    """Let a manager have no opinion any more that differs."""
    other.values.pop(field, None)
    other.skipped.discard(field)
    if _differ(wish, other.opinion(field)):
        other.whole.discard(whole_of(field))


def _is_dropped(
    field: str, old: Claims | None, others: dict[str, Claims]
) -> bool:
    """Say whether what one had claimed is nobody's, and goes."""
    if old is None or field not in ELEMENTS:
        return False
    was_there = old.values.get(field, absent(field)) != absent(field)
    is_claimed = any(
        one.values.get(field, absent(field)) != absent(field)
        for one in others.values()
    )
    return was_there and not is_claimed


def _frozen(state: State) -> State:
    return {
        field: value
        for field, value in state.items()
        if field not in _FREE and not field.startswith('hosts/')
    }
