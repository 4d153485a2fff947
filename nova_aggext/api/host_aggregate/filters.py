# SPDX-License-Identifier: Apache-2.0
"""The values of filters: ``op:value``, ``in:a,b``, ``"quoted"``, ``null``."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.api.host_aggregate import queries
from nova_aggext.db import search

Operator = search.Operator
Field = search.Field
Filter = search.Filter

# A filter may list this many values.
MOST_VALUES = 1000

_OPERATOR = re.compile(
    f'({"|".join(one.value for one in Operator if one is not Operator.EQ)}):'
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN = re.compile(r'(?!")[^,]*')
_NUMBER = re.compile(r'-?[0-9]+', re.ASCII)
# What a value without quotes may be, where there may be none.
NULL = 'null'
# No id is as large, and every database takes it for a number.
_TOO_LARGE = 2**31

_METADATA = 'metadata.'
_FIELDS: Mapping[str, Field] = {
    one.value: one for one in Field if one is not Field.METADATA
}
_NULLABLE = frozenset((Field.ZONE, Field.HOST, Field.OWNER))


def of_aggregates(name: str) -> Callable[[str], Filter] | None:
    """Give what reads a filter of aggregates; None if there is none."""
    if name.startswith(_METADATA):
        key = name.removeprefix(_METADATA)
        return lambda text: _filter(Field.METADATA, text, key)
    field = _FIELDS.get(name)
    if field is None:
        return None
    return lambda text: _filter(field, text)


def _filter(field: Field, text: str, key: str | None = None) -> Filter:
    """Read a filter.

    :raises queries.Invalid: when it has no valid form
    """
    operator, told = parse(text, is_nullable=field in _NULLABLE)
    if operator not in search.EQUALITY and None in told:
        raise queries.Invalid('null can only be compared for equality')
    if field is Field.PROTECTED:
        if operator not in search.EQUALITY:
            raise queries.Invalid('it can only be compared for equality')
        flags = tuple(queries.boolean(one or '') for one in told)
        return Filter(field, operator, flags)
    if field is not Field.ID:
        return Filter(field, operator, tuple(told), key)
    if operator is Operator.GLOB:
        raise queries.Invalid('numbers match no pattern')
    return Filter(field, operator, tuple(_number(one) for one in told))


def parse(
    text: str, *, is_nullable: bool
) -> tuple[Operator, list[str | None]]:
    """Read an operator and its values; without an operator it is ``EQ``.

    :param is_nullable: whether ``null`` without quotes is no value
    :raises queries.Invalid: for quotes that are not closed, and the like
    """
    operator, told = written(text)
    return operator, [
        None if is_nullable and one == NULL else text_of(one) for one in told
    ]


def written(
    text: str, plain: re.Pattern[str] = _PLAIN
) -> tuple[Operator, list[str]]:
    """Read an operator and its values; without an operator it is ``EQ``.

    The values have the quotes that they are written with.

    :param plain: what a value in a list may be that has no quotes
    :raises queries.Invalid: for quotes that are not closed, and the like
    """
    found = _OPERATOR.match(text)
    operator = Operator(found[1]) if found else Operator.EQ
    rest = text[found.end() :] if found else text
    if operator in (Operator.IN, Operator.NOT_IN):
        told = list(_items(rest, plain))
    else:
        told = [_only(rest)]
    if len(told) > MOST_VALUES:
        raise queries.Invalid(f'it lists more than {MOST_VALUES} values')
    return operator, told


def text_of(told: str) -> str:
    """Give what a value stands for, without its quotes."""
    found = _QUOTED.fullmatch(told)
    if found is None:
        return told
    return re.sub(r'\\(.)', r'\1', found[1], flags=re.DOTALL)


def _only(text: str) -> str:
    """Take a value as it is, with its quotes."""
    if text.startswith('"') and not _QUOTED.fullmatch(text):
        raise queries.Invalid('its quotes are not closed at its end')
    return text


def _items(text: str, plain: re.Pattern[str]) -> Iterator[str]:
    """Part a list at the commas that stand in no quotes."""
    place = 0
    while True:
        found = _QUOTED.match(text, place) or plain.match(text, place)
        if found is None or text[found.end() : found.end() + 1] not in ',':
            raise queries.Invalid('its quotes are not closed at a comma')
        yield found[0]
        if found.end() == len(text):
            return
        place = found.end() + 1


def _number(text: str | None) -> int:
    """Read a number; one that is too large is still too large."""
    if text is None or not _NUMBER.fullmatch(text):
        raise queries.Invalid('it is no integer')
    if len(text) > len(str(_TOO_LARGE)):
        digits = text.lstrip('-').lstrip('0')
        text = digits if len(digits) < 10 else str(_TOO_LARGE)
    return max(-1, min(int(text), _TOO_LARGE))
