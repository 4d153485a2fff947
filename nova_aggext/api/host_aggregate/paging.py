# SPDX-License-Identifier: Apache-2.0
"""Pages of a list: how long, in which order, and where the next one begins.

A marker holds the values of the sort keys of the last thing on a page, so a
thing that is deleted meanwhile breaks nothing. It belongs to the filters and
the order that it was made for.
"""

import base64
import binascii
import datetime
import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, TypeAlias

import orjson

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import queries
from nova_aggext.compute import etags

# Checks a value of a marker and gives what it stands for; raises ValueError.
Kind: TypeAlias = Callable[[Any], Any]

_NUMBER = re.compile(r'[0-9]{1,20}', re.ASCII)
_LARGEST = 2**31 - 1


def limit(most: int) -> Callable[[str], int]:
    """Give what reads a limit, and cuts it to the most there may be."""

    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text) or int(text) < 1:
            raise queries.Invalid('it must be a number from 1 on')
        return min(int(text), most)

    return read


def order(known: Sequence[str]) -> Callable[[str], list[tuple[str, bool]]]:
    """Give what reads ``key:dir,key``: keys, and whether each descends."""

    def read(text: str) -> list[tuple[str, bool]]:
        found: dict[str, bool] = {}
        for part in text.split(','):
            key, colon, direction = part.partition(':')
            if key not in known:
                raise queries.Invalid(
                    f'the keys are {", ".join(known)}, each once'
                )
            if key in found:
                raise queries.Invalid(f'it has {key} more than once')
            if colon and direction not in ('asc', 'desc'):
                raise queries.Invalid('directions are asc and desc')
            found[key] = direction == 'desc'
        return list(found.items())

    return read


def parameters(most: int, keys: Sequence[str]) -> dict[str, queries.Reader]:
    """Give the readers of what every list can be asked for.

    :param most: things on a page
    :param keys: by which it can be sorted
    """
    return {
        'limit': limit(most),
        'marker': str,
        'sort': order(keys),
        'with_count': queries.boolean,
    }


def binding(
    asked: Mapping[str, Sequence[str]],
    ignored: str = 'limit marker fields with_count',
) -> str:
    """Give what a marker is bound to: what is asked for, but for some.

    :param ignored: names of parameters that may change from page to page
    """
    skipped = ignored.split()
    told = {
        name: sorted(texts)
        for name, texts in asked.items()
        if name not in skipped
    }
    return etags.digest(told)


def marker(bound: str, values: Sequence[Any]) -> str:
    """Make the marker of the page after a thing.

    :param bound: what ``binding`` gave
    :param values: the values of its sort keys
    """
    written = [
        one.isoformat() if isinstance(one, datetime.datetime) else one
        for one in values
    ]
    text = orjson.dumps([bound, *written])
    return base64.urlsafe_b64encode(text).decode('ascii').rstrip('=')


def after(given: str, bound: str, kinds: Sequence[Kind]) -> tuple[Any, ...]:
    """Read a marker.

    :param kinds: what each of its values must be, if it is not null
    :raises Refused: for one that is of another query, or none at all
    """
    try:
        padded = given.encode('ascii') + b'=' * (-len(given) % 4)
        made_for, *values = orjson.loads(
            base64.b64decode(padded, altchars=b'-_', validate=True)
        )
        if made_for != bound:
            raise ValueError
        return tuple(
            None if value is None else kind(value)
            for kind, value in zip(kinds, values, strict=True)
        )
    except (ValueError, TypeError, binascii.Error) as error:
        raise errors.refused(
            400,
            'query.invalid',
            'The marker is not one of a list with these filters and this '
            'order.',
            parameter='marker',
        ) from error


def number(value: Any) -> int:
    """Take a number that a column may hold."""
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError
    return value


def text(value: Any) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise ValueError
    return value


def moment(value: Any) -> datetime.datetime:
    """Take a time as ``marker`` wrote it."""
    found = datetime.datetime.fromisoformat(text(value))
    if found.tzinfo is not None:
        raise ValueError
    return found
