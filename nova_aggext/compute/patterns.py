# SPDX-License-Identifier: Apache-2.0
"""Patterns of host names, in the form of Slurm's hostlists.

``cmp-a[001-040,043]`` stands for 41 names; several brackets multiply. No host
name holds a bracket or a comma, so that a name stands for itself.
"""

import itertools
import math
import re
from collections.abc import Iterator

_HOST = re.compile(r'[A-Za-z0-9._-]{1,255}\Z')
_PART = re.compile(r'([A-Za-z0-9._-]*)(?:\[([0-9,-]*)\])?')
_RANGE = re.compile(r'([0-9]{1,12})(?:-([0-9]{1,12}))?\Z')
# Characters of a pattern.
_LONGEST = 1000


class Invalid(ValueError):
    """A text that is neither a host name nor a pattern; it says why."""


class TooMany(ValueError):
    """A pattern that stands for more names than it may."""


def is_host(text: str) -> bool:
    """Say whether a text can be the name of a host."""
    return _HOST.match(text) is not None


def expand(text: str, limit: int) -> list[str]:
    """Give the names that a pattern stands for, in its order.

    :param limit: the most names that it may stand for
    :raises Invalid: when it is no pattern
    :raises TooMany: when it stands for more
    """
    if is_host(text):
        return [text]
    if len(text) > _LONGEST:
        raise Invalid(f'it has more than {_LONGEST} characters')
    parts = list(_parse(text))
    if math.prod(map(len, parts)) > limit:
        raise TooMany(f'it stands for more than {limit} names')
    names = [''.join(name) for name in itertools.product(*parts)]
    for name in names:
        if not is_host(name):
            raise Invalid(f'{name[:80]!r} is no host name')
    return list(dict.fromkeys(names))


def _parse(text: str) -> Iterator['_Choice']:
    """Give what may stand at each place of a name."""
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None or found.end() == place:
            raise Invalid(f'{text[place]!r} cannot stand there')
        prefix, ranges = found.groups()
        yield _Choice([prefix])
        if ranges is not None:
            yield _Choice([_range(one) for one in ranges.split(',')])
        place = found.end()


class _Choice:
    """Texts of which one is taken; they are made when they are needed."""

    def __init__(self, parts: 'list[str] | list[_Range]') -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(
            1 if isinstance(one, str) else len(one) for one in self._parts
        )

    def __iter__(self) -> Iterator[str]:
        for one in self._parts:
            if isinstance(one, str):
                yield one
            else:
                yield from one


class _Range:
    """Numbers from one to another, as texts of a least width."""

    def __init__(self, first: int, last: int, width: int) -> None:
        self._numbers = range(first, last + 1)
        self._width = width

    def __len__(self) -> int:
        return self._numbers.stop - self._numbers.start

    def __iter__(self) -> Iterator[str]:
        for number in self._numbers:
            yield f'{number:0{self._width}}'


def _range(text: str) -> _Range:
    found = _RANGE.match(text)
    if found is None:
        raise Invalid(f'{text[:80]!r} is no range of numbers')
    first, last = found.group(1), found.group(2) or found.group(1)
    if first.startswith('0') and len(first) != len(last):
        raise Invalid(f'the ends of {text!r} have different widths')
    if int(first) > int(last):
        raise Invalid(f'{text!r} ends before it begins')
    return _Range(int(first), int(last), len(first))
