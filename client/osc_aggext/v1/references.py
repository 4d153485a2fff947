# SPDX-License-Identifier: Apache-2.0
"""Aggregates as they are named on a command line."""

import re

from osc_lib import exceptions

from osc_aggext.sdk import proxy
from osc_aggext.sdk import queries
from osc_aggext.sdk import records
from osc_aggext.sdk import requests

HELP = (
    'name, id or uuid; id:7, uuid:... and name:7 say which where a name '
    'looks like the others'
)

_ID = re.compile(r'(0|[1-9][0-9]{0,9})', re.ASCII)
_UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


def resolve(client: proxy.Proxy, text: str) -> requests.AggregateReference:
    """Give the reference that a text stands for.

    Only where it may be a name and an id as well does it ask the server.

    :raises CommandError: when it is a name and the id of another one
    """
    kind, colon, rest = text.partition(':')
    if colon and kind == 'name':
        return {'name': rest}
    if colon and kind == 'id' and _ID.fullmatch(rest):
        return {'id': int(rest)}
    if colon and kind == 'uuid' and _UUID.fullmatch(rest):
        return {'uuid': rest}
    identified = _identified(text)
    if identified is None:
        return {'name': text}
    if not _found(client, {'name': text}):
        return identified
    if _found(client, identified):
        raise exceptions.CommandError(
            f'{text} is the name of an aggregate and the id of one: say '
            f'name:{text}, or id: or uuid: before it.'
        )
    return {'name': text}


def find(client: proxy.Proxy, text: str) -> records.Aggregate:
    """Give the aggregate that a text stands for.

    :raises CommandError: when there is none
    """
    found = _found(client, resolve(client, text))
    if not found:
        raise exceptions.CommandError(f'There is no aggregate {text}.')
    return found[0]


def _identified(text: str) -> requests.AggregateReference | None:
    if _ID.fullmatch(text):
        return {'id': int(text)}
    return {'uuid': text} if _UUID.fullmatch(text) else None


def _found(
    client: proxy.Proxy, reference: requests.AggregateReference
) -> list[records.Aggregate]:
    filters = {
        str(name): queries.literal(str(value))
        for name, value in reference.items()
    }
    return list(client.aggregates(filters))
