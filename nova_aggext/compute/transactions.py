# SPDX-License-Identifier: Apache-2.0
"""The changes themselves, each in a transaction that the caller has begun.

Each takes its locks before it reads, and may raise ``guard.HostsWanted``.
"""

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

from nova_aggext import exception
from nova_aggext.compute import guard
from nova_aggext.compute import metadata as metadata_rules
from nova_aggext.compute import steps
from nova_aggext.compute import story as compute_story
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import names
from nova_aggext.db import queries
from nova_aggext.db import records

Session = db_database.Session
Aggregate = records.Aggregate
Story = compute_story.Story
Metadata = Mapping[str, str | None]

AfterT = TypeVar('AfterT', Aggregate, None)

_NOTHING = guard.Known()


def create(session: Session, story: Story, step: steps.Creating) -> Aggregate:
    """Make an aggregate."""
    story.restart()
    story.take(step)
    locks.take(session, names=True)
    names.require_free(session, step.name)
    made = queries.insert_aggregate(session, step.uuid, step.name)
    if step.zone is not None:
        zone = {records.ZONE_KEY: step.zone}
        queries.insert_metadata(session, made.id, zone)
        made = dataclasses.replace(made, metadata=zone)
    story.take(dataclasses.replace(step, after=made))
    return record(session, story, None, made)


def rename(
    session: Session, story: Story, before: Aggregate, name: str
) -> Aggregate:
    """Give a locked aggregate a name; names must be locked."""
    renamed = dataclasses.replace(before, name=name)
    story.take(steps.Renaming(renamed))
    if name != before.name:
        names.require_free(session, name, of=before.id)
        moment = queries.rename_aggregate(session, before.id, name)
        renamed = dataclasses.replace(renamed, updated_at=moment)
    story.take(steps.Renaming(renamed, renamed))
    return renamed


def write_metadata(
    session: Session, story: Story, before: Aggregate, asked: Metadata
) -> Aggregate:
    """Set metadata of a locked aggregate."""
    story.take(steps.SettingMetadata(before, asked))
    plan = metadata_rules.plan(before.id, before.metadata, asked)
    queries.delete_metadata(session, before.id, plan.remove)
    queries.update_metadata(session, before.id, plan.change)
    queries.insert_metadata(session, before.id, plan.add)
    moment = queries.touch_aggregate(session, before.id)
    after = dataclasses.replace(
        before,
        metadata=metadata_rules.result(before.metadata, plan),
        updated_at=moment,
    )
    story.take(steps.SettingMetadata(before, asked, after))
    return after


def delete(
    session: Session, story: Story, step: steps.Deleting, aggregate_id: int
) -> None:
    """Delete an aggregate without hosts."""
    story.restart()
    story.take(step)
    before = locked(session, aggregate_id)
    step = dataclasses.replace(step, before=before)
    story.take(step)
    if before.hosts:
        raise exception.InvalidAggregateActionDelete(
            action='delete',
            aggregate_id=aggregate_id,
            reason='it is not empty',
        )
    queries.delete_aggregate(session, aggregate_id)
    locks.forget_aggregate(session, aggregate_id)
    story.take(dataclasses.replace(step, after=before))
    record(session, story, before, None)


def add_host(
    session: Session,
    known: guard.Known,
    story: Story,
    step: steps.AddingHost,
    aggregate_id: int,
) -> Aggregate:
    """Put a host into an aggregate."""
    story.restart()
    story.take(step)
    before = locked(session, aggregate_id, known)
    step = dataclasses.replace(step, before=before)
    story.take(step)
    guard.Guard(session, known).require_may_join(before, step.host)
    if step.host in before.hosts:
        raise exception.AggregateHostExists(
            aggregate_id=aggregate_id, host=step.host
        )
    queries.insert_host(session, aggregate_id, step.host)
    after = dataclasses.replace(before, hosts=(*before.hosts, step.host))
    story.take(dataclasses.replace(step, after=after))
    return record(session, story, before, after, step.host)


def remove_host(
    session: Session,
    known: guard.Known,
    story: Story,
    step: steps.RemovingHost,
    aggregate_id: int,
) -> Aggregate:
    """Take a host out of an aggregate."""
    story.restart()
    story.take(step)
    before = locked(session, aggregate_id, known)
    step = dataclasses.replace(step, before=before)
    story.take(step)
    if step.host not in before.hosts:
        raise exception.AggregateHostNotFound(
            aggregate_id=aggregate_id, host=step.host
        )
    guard.Guard(session, known).require_may_leave(before, step.host)
    queries.delete_host(session, aggregate_id, step.host)
    hosts = tuple(host for host in before.hosts if host != step.host)
    after = dataclasses.replace(before, hosts=hosts)
    story.take(dataclasses.replace(step, after=after))
    return record(session, story, before, after, step.host)


def record(
    session: Session,
    story: Story,
    before: Aggregate | None,
    after: AfterT,
    host: str | None = None,
) -> AfterT:
    """Record a change, and what has to be told of it; give the state after."""
    changes.append(session, story.who, story.operation, before, after, host)
    subject = after or before
    if subject is not None:
        story.store(session, subject)
    return after


def locked(
    session: Session,
    aggregate_id: int,
    known: guard.Known = _NOTHING,
    *,
    names: bool = False,
) -> Aggregate:
    """Take the locks of a change, then read the aggregate.

    :param names: for a change of the name
    :raises AggregateNotFound: when there is none
    """
    locks.take(
        session, names=names, aggregates=[aggregate_id], hosts=known.hosts
    )
    return queries.get_aggregate(session, aggregate_id)
