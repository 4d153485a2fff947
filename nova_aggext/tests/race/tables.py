# SPDX-License-Identifier: Apache-2.0
"""What the tables hold, what they may hold, and what the record says."""

import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import changes
from nova_aggext.db import collation
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.tests.race import model

_HOSTS = models.aggregate_hosts
_METADATA = models.aggregate_metadata


@dataclasses.dataclass(frozen=True)
class Prepared:
    """An aggregate to be there before a race."""

    name: str
    hosts: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()


def read(database: db_database.Database) -> model.State:
    """Read all aggregates at one moment."""
    return database.read(_read)


def clear(session: db_database.Session) -> None:
    """Empty all tables but that of the registered hosts."""
    for table in (
        _HOSTS,
        _METADATA,
        models.aggregates,
        models.locks,
        models.changes,
        models.change_sets,
        # Else the observer tells of what is taken away here.
        models.seen,
        models.annotations,
        models.marks,
    ):
        session.execute(sa.delete(table))


def prepare(database: db_database.Database, *wanted: Prepared) -> model.State:
    """Let the tables hold just these aggregates."""

    def work(session: db_database.Session) -> model.State:
        clear(session)
        return tuple(_insert(session, one) for one in wanted)

    return database.write(work)


def broken(state: model.State) -> list[str]:
    """Give the rules that a state breaks, in words."""
    return [*_two_zones(state), *_same_names(state), *_same_keys(state)]


def replay(rows: list[changes.Change]) -> dict[str, model.State]:
    """Give the aggregates after each change, beginning with nothing.

    By the id that the request carried. The last state has the key ''.

    :raises AssertionError: when a change began with another state
    """
    now: dict[int, dict[str, Any]] = {}
    after: dict[str, model.State] = {}
    for row in rows:
        _redo(now, row)
        subject = now.get(row.aggregate_id)
        after[str(row.global_request_id)] = (
            () if subject is None else (_made(row.aggregate_id, subject),)
        )
    after[''] = tuple(_made(one, now[one]) for one in sorted(now))
    return after


def _read(session: db_database.Session) -> model.State:
    hosts: dict[int, list[str]] = {}
    metadata: dict[int, dict[str, str]] = {}
    for row in session.execute(sa.select(_HOSTS).order_by(_HOSTS.c.id)):
        hosts.setdefault(row.aggregate_id, []).append(row.host)
    for row in session.execute(sa.select(_METADATA)):
        metadata.setdefault(row.aggregate_id, {})[row.key] = row.value
    found = session.execute(
        sa.select(models.aggregates).order_by(models.aggregates.c.id)
    )
    state = tuple(
        model.make(
            row.id, row.name, hosts.pop(row.id, ()), metadata.pop(row.id, {})
        )
        for row in found
    )
    if hosts or metadata:
        raise AssertionError(f'rows without aggregate: {hosts}, {metadata}')
    return state


def _insert(session: db_database.Session, wanted: Prepared) -> model.Aggregate:
    made = session.execute(
        sa.insert(models.aggregates).values(
            name=wanted.name, uuid=str(uuid.uuid4())
        )
    )
    (aggregate_id,) = made.inserted_primary_key or (0,)
    for host in wanted.hosts:
        session.execute(
            sa.insert(_HOSTS).values(aggregate_id=aggregate_id, host=host)
        )
    for key, value in wanted.metadata:
        session.execute(
            sa.insert(_METADATA).values(
                aggregate_id=aggregate_id, key=key, value=value
            )
        )
    metadata = dict(wanted.metadata)
    return model.make(aggregate_id, wanted.name, wanted.hosts, metadata)


def _two_zones(state: model.State) -> Iterator[str]:
    zones: dict[str, set[str]] = {}
    for one in state:
        for host in one.hosts:
            if one.zone is not None:
                zones.setdefault(host, set()).add(one.zone)
    for host, found in zones.items():
        if len(found) > 1:
            yield f'{host} is in zones {sorted(found)}'


def _same_names(state: model.State) -> Iterator[str]:
    names = [collation.fold(one.name) for one in state]
    if len(set(names)) < len(names):
        yield f'names are equal: {names}'


def _same_keys(state: model.State) -> Iterator[str]:
    for one in state:
        keys = [collation.fold(key) for key, _value in one.metadata]
        if len(set(keys)) < len(keys):
            yield f'keys of {one.id} are equal: {keys}'


def _made(aggregate_id: int, values: dict[str, Any]) -> model.Aggregate:
    return model.make(
        aggregate_id, values['name'], values['hosts'], values['metadata']
    )


def _redo(now: dict[int, dict[str, Any]], row: changes.Change) -> None:
    if row.after and not row.before:
        _require(row, row.aggregate_id not in now)
        now[row.aggregate_id] = dict(row.after)
    elif row.before and not row.after:
        _require(row, now.pop(row.aggregate_id, None) == row.before)
    else:
        _require(row, row.aggregate_id in now)
        _redo_part(now[row.aggregate_id], row)


def _redo_part(values: dict[str, Any], row: changes.Change) -> None:
    if 'name' in row.after:
        _require(row, values['name'] == row.before['name'])
        values['name'] = row.after['name']
    if 'hosts' in row.after:
        _require(row, set(row.before['hosts']) <= set(values['hosts']))
        _require(row, not set(row.after['hosts']) & set(values['hosts']))
        kept = [h for h in values['hosts'] if h not in row.before['hosts']]
        values['hosts'] = [*kept, *row.after['hosts']]
    if 'metadata' in row.after:
        metadata = values['metadata']
        for key, value in row.before['metadata'].items():
            _require(row, metadata.get(key) == value)
        merged = {**metadata, **row.after['metadata']}
        values['metadata'] = {
            key: value for key, value in merged.items() if value is not None
        }


def _require(row: changes.Change, holds: bool) -> None:
    if not holds:
        raise AssertionError(f'{row} began with another state')
