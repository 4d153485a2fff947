# SPDX-License-Identifier: Apache-2.0
"""What the API promises, as a function from state and call to answer.

No host of the model has instances.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from nova_aggext.db import collation
from nova_aggext.tests.race import calls


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate; the metadata are sorted."""

    id: int
    name: str
    hosts: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def zone(self) -> str | None:
        return dict(self.metadata).get(calls.ZONE_KEY)


# Sorted by id.
State = tuple[Aggregate, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """How a call must be answered, and what it leaves.

    :ivar shown: the aggregates in the answer, None when there are none
    """

    status: int
    state: State
    shown: State | None = None


def make(
    aggregate_id: int,
    name: str,
    hosts: Iterable[str],
    metadata: Mapping[str, str],
) -> Aggregate:
    """Make an aggregate from what was read."""
    items = tuple(sorted(metadata.items()))
    return Aggregate(aggregate_id, name, tuple(hosts), items)


def shown(call: calls.Call, body: Any) -> State | None:
    """Give the aggregates in an answer of success, if it shows them whole."""
    if call.verb in ('create', 'delete'):
        return None
    found = body['aggregates'] if call.verb == 'list' else [body['aggregate']]
    return tuple(
        make(one['id'], one['name'], one['hosts'], one['metadata'])
        for one in found
    )


def apply(state: State, call: calls.Call, new_id: int = 0) -> Outcome:
    """Perform a call on a state.

    :param new_id: the id that a created aggregate got
    """
    if call.verb == 'list':
        return Outcome(200, state, state)
    if call.verb == 'create':
        return _create(state, call, new_id)
    for one in state:
        if one.id == call.aggregate:
            return _VERBS[call.verb](state, one, call)
    return Outcome(404, state)


def _create(state: State, call: calls.Call, new_id: int) -> Outcome:
    if call.name is None or _is_taken(state, call.name, new_id):
        return Outcome(409, state)
    zone = {} if call.zone is None else {calls.ZONE_KEY: call.zone}
    return Outcome(200, _put(state, make(new_id, call.name, (), zone)))


def _update(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    after = one
    if call.name is not None:
        if _is_taken(state, call.name, one.id):
            return Outcome(409, state)
        after = dataclasses.replace(after, name=call.name)
    if call.zone is None:
        return _changed(state, after)
    metadata: calls.Metadata = ((calls.ZONE_KEY, call.zone),)
    return _metadata(state, after, metadata)


def _set_metadata(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    return _metadata(state, one, call.metadata)


def _metadata(state: State, one: Aggregate, asked: calls.Metadata) -> Outcome:
    wanted = dict(asked)
    zone = wanted.get(calls.ZONE_KEY)
    if calls.ZONE_KEY in wanted and not _may_move(state, one, zone):
        return Outcome(400, state)
    merged: dict[str, str | None] = {**dict(one.metadata), **wanted}
    kept = {key: text for key, text in merged.items() if text is not None}
    if len({collation.fold(key) for key in kept}) < len(kept):
        return Outcome(400, state)
    return _changed(state, make(one.id, one.name, one.hosts, kept))


def _add_host(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    host = str(call.host)
    conflict = one.zone is not None and any(
        zone != one.zone for zone in _other_zones(state, one, [host])
    )
    if conflict or host in one.hosts:
        return Outcome(409, state)
    return _changed(state, dataclasses.replace(one, hosts=(*one.hosts, host)))


def _remove_host(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    if call.host not in one.hosts:
        return Outcome(404, state)
    rest = tuple(host for host in one.hosts if host != call.host)
    return _changed(state, dataclasses.replace(one, hosts=rest))


def _delete(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    if one.hosts:
        return Outcome(400, state)
    return Outcome(200, tuple(other for other in state if other != one))


def _show(state: State, one: Aggregate, call: calls.Call) -> Outcome:
    return Outcome(200, state, (one,))


_VERBS = {
    'update': _update,
    'set_metadata': _set_metadata,
    'add_host': _add_host,
    'remove_host': _remove_host,
    'delete': _delete,
    'show': _show,
}


def _changed(state: State, one: Aggregate) -> Outcome:
    return Outcome(200, _put(state, one), (one,))


def _put(state: State, one: Aggregate) -> State:
    others = [other for other in state if other.id != one.id]
    return tuple(sorted([*others, one], key=lambda each: each.id))


def _is_taken(state: State, name: str, but: int) -> bool:
    folded = collation.fold(name)
    return any(
        collation.fold(other.name) == folded
        for other in state
        if other.id != but
    )


def _may_move(state: State, one: Aggregate, zone: str | None) -> bool:
    others = _other_zones(state, one, one.hosts)
    return bool(zone) and all(other == zone for other in others)


def _other_zones(
    state: State, one: Aggregate, hosts: Iterable[str]
) -> list[str]:
    """Give the zones that other aggregates put any of the hosts into."""
    wanted = set(hosts)
    return [
        other.zone
        for other in state
        if other.id != one.id
        and other.zone is not None
        and wanted.intersection(other.hosts)
    ]
