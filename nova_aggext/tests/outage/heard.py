# SPDX-License-Identifier: Apache-2.0
"""What must have been heard of changes, and what was."""

import collections
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from nova_aggext.db import database as db_database
from nova_aggext.tests import record
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import model
from nova_aggext.tests.race import tables

CAST = 'update_aggregates'
CAST_DELETED = 'delete_aggregate'
LEGACY = 'notifications'
VERSIONED = 'versioned_notifications'

# A message by the request it tells of, and what it says.
Heard = tuple[str, str]
# What keeps its order: an aggregate, perhaps in one format.
Way = tuple[int, str]

# Shown of each kind of error.
_SHOWN = 5


def wrong(
    database: db_database.Database,
    events: Sequence[linear.Event],
    messages: Sequence[tap.Message],
    *,
    casts: bool = True,
) -> list[str]:
    """Compare what was heard with what was committed.

    Of every change every message, at least once, each aggregate's in order.

    :param casts: whether who listened got the casts as well; else the two
        formats of notifications came by ways of their own
    """
    rows = database.read(record.every)
    asked = {event.answer.key: event.call for event in events}
    subjects = {str(row.global_request_id): row.aggregate_id for row in rows}
    gone = {row.aggregate_id for row in rows if row.operation == CAST_DELETED}
    left_out = {(one, CAST) for one in gone}
    expected = [
        (key, what)
        for key, subject in subjects.items()
        for what in told(asked[key])
        if (subject, what) not in left_out and (casts or '/' in what)
    ]
    heard = [
        (key, what)
        for key, what in dict.fromkeys(_heard(each) for each in messages)
        if key in subjects and (subjects[key], what) not in left_out
    ]

    def way(one: Heard) -> Way:
        return subjects[one[0]], '' if casts else one[1].partition('/')[0]

    found = _differences(_apart(expected, way), _apart(heard, way))
    if casts:
        found += _last(tables.read(database), messages)
    return [*found, *_ids(messages)]


def told(call: calls.Call) -> Iterator[str]:
    """Give what is told of a change that was made, in order."""
    names = {
        'create': ('create', 'create'),
        'set_metadata': ('updatemetadata', 'update_metadata'),
        'add_host': ('addhost', 'add_host'),
        'remove_host': ('removehost', 'remove_host'),
        'delete': ('delete', 'delete'),
    }
    early = call.verb in ('add_host', 'remove_host', 'delete')
    blocks = [names[call.verb]] if call.verb in names else []
    if call.verb == 'update':
        if call.name is not None:
            blocks.append(('updateprop', 'update_prop'))
        if call.zone is not None:
            blocks.append(names['set_metadata'])
    for legacy, versioned in blocks:
        yield f'{LEGACY}/aggregate.{legacy}.start'
        yield f'{VERSIONED}/aggregate.{versioned}.start'
        if early:
            yield CAST_DELETED if call.verb == 'delete' else CAST
        yield f'{LEGACY}/aggregate.{legacy}.end'
        yield f'{VERSIONED}/aggregate.{versioned}.end'
    if not early:
        yield CAST


def memberships(one: outage_cloud.Cloud) -> dict[str, tuple[Any, Any]]:
    """Give the hosts whose aggregates in placement are not the database's.

    With both, by name.
    """
    wanted: dict[str, set[str]] = {host: set() for host in one.providers}
    for row in one.read_aggregates():
        for host in row.hosts:
            wanted[host].add(str(row.uuid))
    found = {
        host: one.placement.aggregates(provider)
        for host, provider in one.providers.items()
    }
    return {
        host: (wanted[host], found[host])
        for host in wanted
        if wanted[host] != found[host]
    }


def duplicates(messages: Sequence[tap.Message]) -> int:
    """Count the notifications that came more than once."""
    ids = [one.message['message_id'] for one in messages if _is_event(one)]
    return len(ids) - len(set(ids))


def _apart(
    heard: Sequence[Heard], way: Callable[[Heard], Way]
) -> dict[Way, list[Heard]]:
    """Part what was heard by the way it took."""
    parts: dict[Way, list[Heard]] = collections.defaultdict(list)
    for one in heard:
        parts[way(one)].append(one)
    return parts


def _differences(
    expected: dict[Way, list[Heard]], heard: dict[Way, list[Heard]]
) -> list[str]:
    found = []
    for way in sorted({*expected, *heard}):
        wanted, came = expected.get(way, []), heard.get(way, [])
        missing = [one for one in wanted if one not in set(came)]
        if missing:
            found.append(f'{way}: {len(missing)} missing: {missing[:_SHOWN]}')
        elif wanted != came:
            place = [w == c for w, c in zip(wanted, came, strict=False)].index(
                False
            )
            found.append(
                f'{way}: {came[place]} came instead of {wanted[place]}, '
                f'as number {place} of {len(wanted)}'
            )
    return found


def _ids(messages: Sequence[tap.Message]) -> list[str]:
    """Find notifications that are one, but have several ids."""
    ids: dict[Heard, set[str]] = collections.defaultdict(set)
    for message in messages:
        if _is_event(message) and message.routing_key.endswith('.info'):
            ids[_heard(message)].add(message.message['message_id'])
    return [
        f'{one} has ids {found}'
        for one, found in ids.items()
        if len(found) > 1
    ]


def _last(state: model.State, messages: Sequence[tap.Message]) -> list[str]:
    """Find aggregates of which the last cast does not tell the truth."""
    last: dict[int, model.Aggregate] = {}
    for message in messages:
        if message.message.get('method') == CAST:
            for one in message.message['args']['aggregates']:
                told_of = one['nova_object.data']
                last[told_of['id']] = model.make(
                    told_of['id'],
                    told_of['name'],
                    told_of['hosts'],
                    told_of['metadata'],
                )
    return [
        f'the last cast told {last.get(one.id)}, not {one}'
        for one in state
        if last.get(one.id) != one
    ]


def _is_event(message: tap.Message) -> bool:
    return 'event_type' in message.message


def _heard(message: tap.Message) -> Heard:
    what = message.what
    if _is_event(message):
        what = f'{message.routing_key.rpartition(".")[0]}/{what}'
    return str(message.message['_context_global_request_id']), what
