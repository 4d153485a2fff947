# SPDX-License-Identifier: Apache-2.0
"""Aggregates as the own API shows them."""

import datetime
from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

from nova_aggext.api.host_aggregate import links
from nova_aggext.compute import etags
from nova_aggext.db import claims
from nova_aggext.db import records

View = dict[str, Any]

CLAIMS = 'claims'
# The fields of an aggregate; all but the last are shown unless some are
# chosen.
FIELDS = (
    'id',
    'uuid',
    'name',
    'availability_zone',
    'metadata',
    'hosts',
    'host_count',
    'description',
    'owner',
    'protected',
    'created_at',
    'updated_at',
    'etag',
    'links',
    CLAIMS,
)
USUAL = tuple(field for field in FIELDS if field != CLAIMS)
# Those that are shown whatever is chosen.
ALWAYS = ('id', 'uuid')


def aggregate(
    found: records.Aggregate, base: str, held: Iterable[claims.Holding] = ()
) -> View:
    """Show an aggregate with all fields.

    :param base: the URL of the API
    :param held: what managers claim of it
    """
    hosts = sorted(found.hosts)
    # An old Nova gave some no uuid.
    address = f'{base}/aggregates/{found.uuid or found.id}'
    return {
        'id': found.id,
        'uuid': found.uuid,
        'name': found.name,
        'availability_zone': found.availability_zone,
        'metadata': etags.plain_metadata(found),
        'hosts': hosts,
        'host_count': len(hosts),
        'description': found.description,
        'owner': found.owner,
        'protected': found.protected,
        'created_at': time(found.created_at),
        'updated_at': time(found.updated_at),
        'etag': etags.etag(found),
        'links': [links.link('self', address)],
        CLAIMS: {one.manager: one.claimed for one in held if one.claimed},
    }


def some_of(
    shown: View,
    fields: Collection[str] | None,
    always: Collection[str] = ALWAYS,
) -> View:
    """Leave out all fields but those of a choice, if there is one.

    :param always: those that are shown whatever is chosen
    """
    if fields is None:
        return shown
    return {
        name: value
        for name, value in shown.items()
        if name in fields or name in always
    }


def time(moment: datetime.datetime | None) -> str | None:
    """Write a time in UTC, to the second."""
    if moment is None:
        return None
    return f'{moment.isoformat(timespec="seconds")}Z'
