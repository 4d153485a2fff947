# SPDX-License-Identifier: Apache-2.0
"""What a change reads and writes, in a transaction of its caller."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable
from collections.abc import Mapping

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import requests
from nova_aggext.compute import world as compute_world
from nova_aggext.db import changes as db_changes
from nova_aggext.db import collation
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import names
from nova_aggext.db import queries
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing

Aggregate = records.Aggregate
Change = compute_change.Change
Known = compute_world.Known
Request = requests.Request
Session = db_database.Session
World = compute_world.World


def read_locked(session: Session, request: Request, known: Known) -> World:
    """Take the locks of a request, then read what it is judged by.

    To be called before anything else in the transaction.
    """
    locks.take(
        session,
        first=request.lock,
        names=bool(request.names),
        aggregates=request.guarded.aggregates.union(request.ids),
        hosts=known.hosts | request.guarded.hosts,
    )
    return _read(session, request, known, known.hosts)


def read(session: Session, request: Request, known: Known) -> World:
    """Read what a request is judged by on a snapshot, without a lock."""
    return _read(session, request, known, None)


def write(session: Session, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Write what differs before and after; give changes with what that gave.

    However many rows there are, each kind is written by one statement, or by
    one for each of its batches.

    :raises AggregateNameExists: when the database takes a name for one that
        is there
    :raises AggregateHostExists: the same of a host
    :raises MetadataNotStorable: when it cannot hold a value
    """
    moment = queries.now()
    _delete(session, changes)
    changes = _update(session, changes, moment)
    # Those that are made come last.
    if changes[-1].before is None:
        changes = _make(session, changes, moment)
    _insert(session, changes, moment)
    _annotate(session, changes)
    return changes


def record(
    session: Session, request: Request, changes: Iterable[Change]
) -> None:
    """Record who made changes, and forget the locks of what is gone."""
    made = [(one.before, one.after, one.host) for one in changes]
    db_changes.append(session, request.who, request.operation, made)
    gone = [one.subject.id for one in changes if one.after is None]
    locks.forget(session, aggregates=gone)


def _read(
    session: Session,
    request: Request,
    known: Known,
    locked: frozenset[str] | None,
) -> World:
    ids = request.ids
    found = reading.some(session, ids, annotated=True)
    aggregates = {one.id: one for one in found}
    changes = compute_change.changes_of(request, aggregates)
    judged = compute_change.judged_hosts(changes)
    unlocked = frozenset() if locked is None else judged - locked
    zones: Mapping[str, Mapping[int, str]] = {}
    if judged and not unlocked:
        zones = queries.zones_of_hosts(session, judged)
    taken = _taken(session, request, changes)
    return World(aggregates, changes, known, taken, zones, unlocked)


def _taken(
    session: Session, request: Request, changes: Iterable[Change]
) -> frozenset[str]:
    """Give the names of changes that other aggregates have, and keep.

    Where the database finds that out as it is written, and nothing else can
    speak against the request, that is left to it.
    """
    wanted = [
        one.item.name
        for one in changes
        if one.item.name is not None and (one.before is None or one.is_renamed)
    ]
    if not wanted or (request.is_for_a_name and collation.is_kept(session)):
        return frozenset()
    given_up = [
        one.before.id
        for one in changes
        if one.before and (one.is_renamed or one.after is None)
    ]
    return frozenset(names.taken(session, wanted, given_up))


def _delete(session: Session, changes: Iterable[Change]) -> None:
    hosts, keys, ids = [], [], []
    for change in changes:
        if change.before is None:
            continue
        one = change.before.id
        hosts += [(one, host) for host in change.item.remove]
        if change.after is None:
            ids.append(one)
        elif change.item.metadata:
            present = change.before.metadata
            keys += [
                (one, key)
                for key, value in change.item.metadata.items()
                if value is None and key in present
            ]
    if hosts:
        writing.delete_hosts(session, hosts)
    if keys:
        writing.delete_metadata(session, keys)
    if ids:
        writing.delete_aggregates(session, ids)


def _update(
    session: Session, changes: Iterable[Change], moment: datetime.datetime
) -> tuple[Change, ...]:
    """Write what changes of rows; give changes with its time."""
    values: dict[writing.MetadataKey, str] = {}
    touched: dict[int, str | None] = {}
    updated = []
    for change in changes:
        before, after = change.before, change.after
        if before is not None and after is not None and change.touches:
            touched[before.id] = after.name if change.is_renamed else None
            after = after.touched(moment)
            change = Change(change.item, before, after)
            asked, present = change.item.metadata or {}, before.metadata
            values |= {
                (before.id, key): value
                for key, value in asked.items()
                if key in present and value not in (None, present[key])
            }
        updated.append(change)
    if touched:
        writing.update_aggregates(session, touched, moment)
    if values:
        writing.update_metadata(session, values, moment)
    return tuple(updated)


def _insert(
    session: Session, changes: Iterable[Change], moment: datetime.datetime
) -> None:
    """Write what aggregates did not have."""
    hosts: list[writing.Membership] = []
    values: dict[writing.MetadataKey, str] = {}
    for change in changes:
        if change.after is None:
            continue
        one = change.after.id
        hosts += [(one, host) for host in change.item.add]
        asked = change.item.metadata or {}
        present = change.before.metadata if change.before else {}
        values |= {
            (one, key): value
            for key, value in asked.items()
            if value is not None and key not in present
        }
    if values:
        writing.insert_metadata(session, values, moment)
    if hosts:
        writing.insert_hosts(session, hosts, moment)


def _annotate(session: Session, changes: Iterable[Change]) -> None:
    """Write annotations; there is no row where they say nothing."""
    said, gone = [], []
    for change in changes:
        before, after = change.before, change.after
        if after is None or change.item.annotates:
            if after is not None and after.is_annotated:
                said.append(after)
            elif before is not None and before.is_annotated:
                gone.append(before.id)
    if gone:
        writing.delete_annotations(session, gone)
    if said:
        writing.write_annotations(session, said)


def _make(
    session: Session, changes: tuple[Change, ...], moment: datetime.datetime
) -> tuple[Change, ...]:
    """Insert aggregates; give changes with the ids that they have."""
    wanted = [one for one in changes if one.before is None]
    rows = [
        (one.item.uuid or str(uuid.uuid4()), one.subject.name)
        for one in wanted
    ]
    numbers = writing.insert_aggregates(session, rows, moment)
    made = tuple(
        Change(
            one.item,
            None,
            dataclasses.replace(
                one.subject, id=number, uuid=given, created_at=moment
            ),
        )
        for one, number, (given, _) in zip(wanted, numbers, rows, strict=True)
    )
    return changes[: -len(made)] + made
