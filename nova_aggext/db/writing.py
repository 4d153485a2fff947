# SPDX-License-Identifier: Apache-2.0
"""Writes rows of aggregates, one or many, in a few statements.

However many aggregates are given, each function takes as many statements as
it writes kinds of rows, and again for every 500 of them. Whoever calls holds
the locks of what is written (see ``locks``), and knows that what is to be
changed or deleted is there, and that what is to be inserted is not. Where
another has come in between all the same, the database refuses, and the
transaction is run again from its start.

Changes of several kinds are written in the order: delete, update, insert. So
a name, or a place in an aggregate, is given up before another takes it.
"""

import datetime
import uuid
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from oslo_db import exception as db_exc

from nova_aggext import exception
from nova_aggext.db import batches
from nova_aggext.db import collation
from nova_aggext.db import keyed
from nova_aggext.db import models
from nova_aggext.db import prepared
from nova_aggext.db import records
from nova_aggext.db import texts
from nova_aggext.db import upserts

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata
ANNOTATIONS = models.annotations

# Aggregate id, host.
Membership: TypeAlias = tuple[int, str]
# Aggregate id, key.
MetadataKey: TypeAlias = tuple[int, str]

_INSERT_AGGREGATE = prepared.Prepared(sa.insert(AGGREGATES))
_INSERT_AGGREGATES = sa.insert(AGGREGATES).returning(
    AGGREGATES.c.id, sort_by_parameter_order=True
)
_UPDATE_AGGREGATES = keyed.Update(AGGREGATES.c.id)
_DELETE_AGGREGATES = keyed.Deletion(AGGREGATES.c.id)
_INSERT_HOSTS = prepared.Prepared(sa.insert(HOSTS))
_DELETE_HOSTS = keyed.Deletion(HOSTS.c.aggregate_id, HOSTS.c.host)
_INSERT_METADATA = prepared.Prepared(sa.insert(METADATA))
_UPDATE_METADATA = keyed.Update(METADATA.c.aggregate_id, METADATA.c.key)
_DELETE_METADATA = keyed.Deletion(METADATA.c.aggregate_id, METADATA.c.key)
_DELETE_ALL_METADATA = keyed.Deletion(METADATA.c.aggregate_id)
_DELETE_ANNOTATIONS = keyed.Deletion(ANNOTATIONS.c.aggregate_id)
_GIVE_UP_NAMES = (
    sa.update(AGGREGATES)
    .where(
        AGGREGATES.c.id.in_(sa.bindparam('ids', expanding=True)),
        AGGREGATES.c.name.in_(sa.bindparam('names', expanding=True)),
    )
    .values(
        name=sa.bindparam('unique', type_=sa.String).concat(
            sa.cast(AGGREGATES.c.id, sa.String)
        )
    )
)


def insert_aggregates(
    session: sa.Connection,
    wanted: Sequence[tuple[str, str]],
    moment: datetime.datetime,
) -> list[int]:
    """Insert aggregates without hosts and metadata; give their ids in order.

    :param wanted: uuid and name of each
    :param moment: when they are created
    :raises AggregateNameExists: when the only name is taken; of several it
        is known from ``names.taken`` that none is
    """
    rows = [
        {'uuid': one, 'name': name, 'created_at': moment}
        for one, name in wanted
    ]
    try:
        if len(rows) == 1 or not session.dialect.insert_returning:
            return [_INSERT_AGGREGATE.insert(session, row) for row in rows]
        return [
            number
            for batch in batches.of(rows, batches.ROWS)
            for number in session.scalars(_INSERT_AGGREGATES, batch)
        ]
    except db_exc.DBDuplicateEntry as error:
        if len(wanted) > 1:
            raise
        ((_uuid, name),) = wanted
        raise exception.AggregateNameExists(aggregate_name=name) from error


def update_aggregates(
    session: sa.Connection,
    names: Mapping[int, str | None],
    moment: datetime.datetime,
) -> None:
    """Store new names, and that aggregates were changed.

    They may take the names that others of them give up.

    :param names: by the ids of aggregates; None leaves one its name
    :param moment: when they are changed
    :raises AggregateNameExists: when the only new name is taken; of several
        it is known from ``names.taken`` that none is
    """
    changed = {'updated_at': moment}
    renamed = {one: name for one, name in names.items() if name is not None}
    touched = {(one,): changed for one in names if one not in renamed}
    _UPDATE_AGGREGATES.execute(session, touched)
    if len(renamed) > 1:
        _give_up_names(session, renamed)
    rows = {(one,): {'name': to, **changed} for one, to in renamed.items()}
    try:
        _UPDATE_AGGREGATES.execute(session, rows)
    except db_exc.DBDuplicateEntry as error:
        if len(renamed) > 1:
            raise
        (name,) = renamed.values()
        raise exception.AggregateNameExists(aggregate_name=name) from error


def delete_aggregates(session: sa.Connection, ids: Collection[int]) -> None:
    """Delete aggregates without hosts, with their metadata."""
    keys = [(one,) for one in ids]
    _DELETE_ALL_METADATA.execute(session, keys)
    _DELETE_AGGREGATES.execute(session, keys)


def insert_hosts(
    session: sa.Connection,
    members: Sequence[Membership],
    moment: datetime.datetime,
) -> None:
    """Put hosts into aggregates; of each aggregate in the order given.

    :param moment: when they are put there
    :raises AggregateHostExists: when the database takes one for a host that
        is in there already
    """
    for batch in batches.of(members, batches.ROWS):
        _insert_hosts(session, batch, moment)


def delete_hosts(
    session: sa.Connection, members: Collection[Membership]
) -> None:
    """Take hosts out of aggregates."""
    _DELETE_HOSTS.execute(session, members)


def insert_metadata(
    session: sa.Connection,
    values: Mapping[MetadataKey, str],
    moment: datetime.datetime,
) -> None:
    """Add keys that aggregates do not have.

    :param moment: when they are added
    :raises MetadataNotStorable: when the database cannot hold a value
    """
    _require_storable(session, values)
    rows = [
        {'aggregate_id': one, 'key': key, 'value': to, 'created_at': moment}
        for (one, key), to in values.items()
    ]
    if rows:
        _INSERT_METADATA.execute(session, rows)


def update_metadata(
    session: sa.Connection,
    values: Mapping[MetadataKey, str],
    moment: datetime.datetime,
) -> None:
    """Change keys that aggregates have.

    :param moment: when they are changed
    :raises MetadataNotStorable: when the database cannot hold a value
    """
    _require_storable(session, values)
    _UPDATE_METADATA.execute(
        session,
        {
            key: {'value': value, 'updated_at': moment}
            for key, value in values.items()
        },
    )


def delete_metadata(
    session: sa.Connection, keys: Collection[MetadataKey]
) -> None:
    """Remove keys of aggregates."""
    _DELETE_METADATA.execute(session, keys)


def write_annotations(
    session: sa.Connection, said: Sequence[records.Aggregate]
) -> None:
    """Store the annotations of aggregates, whether or not they had any."""
    dialect = session.dialect

    def text(value: str | None) -> Any:
        return None if value is None else texts.stored(dialect, value)

    rows = [
        {
            'aggregate_id': one.id,
            'description': text(one.description),
            'owner': text(one.owner),
            'protected': one.protected,
        }
        for one in said
    ]
    for batch in batches.of(rows, batches.ROWS):
        upserts.insert_or_replace(session, ANNOTATIONS, batch)


def delete_annotations(session: sa.Connection, ids: Collection[int]) -> None:
    """Delete the annotations of aggregates."""
    _DELETE_ANNOTATIONS.execute(session, [(one,) for one in ids])


def _insert_hosts(
    session: sa.Connection,
    members: Sequence[Membership],
    moment: datetime.datetime,
) -> None:
    rows = [
        {'aggregate_id': one, 'host': host, 'created_at': moment}
        for one, host in members
    ]
    try:
        _INSERT_HOSTS.execute(session, rows)
    except db_exc.DBDuplicateEntry as error:
        if len(members) == 1:
            ((one, host),) = members
            raise exception.AggregateHostExists(
                aggregate_id=one, host=host
            ) from error
        if collation.is_kept(session):
            # It does not say which of them. It has inserted none, and the
            # transaction goes on.
            for member in members:
                _insert_hosts(session, [member], moment)
        raise


def _give_up_names(session: sa.Connection, renamed: Mapping[int, str]) -> None:
    """Let aggregates that are renamed go by names that nobody wants.

    Databases compare with the rows as they are, one after the other, so that
    two could not swap their names.
    """
    given = {'unique': f'{uuid.uuid4().hex}-'}
    for ids in batches.of(renamed, batches.VALUES):
        for names in batches.of(renamed.values(), batches.VALUES):
            session.execute(
                _GIVE_UP_NAMES, {'ids': ids, 'names': names, **given}
            )


def _require_storable(
    session: sa.Connection, values: Mapping[MetadataKey, str]
) -> None:
    """Refuse what PostgreSQL has no place for, and the others have."""
    if session.dialect.name == 'postgresql':
        for (_one, key), value in values.items():
            if '\0' in value:
                raise exception.MetadataNotStorable(key=key)
