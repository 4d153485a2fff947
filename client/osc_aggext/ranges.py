# SPDX-License-Identifier: Apache-2.0
"""Names of hosts as patterns with ranges: ``cmp-a[001-040]``.

The form is that of the API: what is folded here, its server takes for the
same names.
"""

import itertools
import math
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

# Longer numbers stand in no range.
_NUMBER = re.compile(r'[0-9]{1,12}', re.ASCII)
_DIGITS = re.compile(r'[0-9]+', re.ASCII)
# A pattern has fewer characters than this.
_LONGEST = 1000
# What one pattern may stand for.
_MOST = 10000

_BRACKETS = re.compile(r'\[([0-9,-]+)\]', re.ASCII)

_Group = tuple[str, str]


def fold(names: Iterable[str]) -> list[str]:
    """Write names with as few patterns as there are gaps; sorted.

    Each name that stands alone is written as it is.
    """
    left = sorted(set(names))
    folded: list[str] = []
    # Names that differ in their last number mostly, but "rack1.example7".
    place = 1
    while left:
        groups, others = _grouped(left, place)
        left = []
        for group, numbers in groups.items():
            if len(numbers) > 1:
                folded += _patterns(group, numbers)
            else:
                left.append(numbers[0].join(group))
        folded += others
        place += 1
    return sorted(folded)


def expand(pattern: str) -> list[str]:
    """Give what a pattern stands for, in its order.

    Only brackets are looked at; what else is in it stays.

    :raises ValueError: which says why a range is none, or that it stands for
        too many names
    """
    parts: list[list[range]] = []
    widths: list[list[int]] = []
    for inner in _BRACKETS.findall(pattern):
        found = [_range(one) for one in inner.split(',')]
        parts.append([numbers for numbers, _ in found])
        widths.append([width for _, width in found])
    if math.prod(sum(map(len, one)) for one in parts) > _MOST:
        raise ValueError(f'{pattern} stands for more than {_MOST} names')
    texts = [
        [
            f'{number:0{width}}'
            for numbers, width in zip(part, wide, strict=True)
            for number in numbers
        ]
        for part, wide in zip(parts, widths, strict=True)
    ]
    around = _BRACKETS.split(pattern)[::2]
    return list(
        dict.fromkeys(
            ''.join(itertools.chain(*zip(around, [*chosen, ''], strict=True)))
            for chosen in itertools.product(*texts)
        )
    )


def text(names: Iterable[str]) -> str:
    """Write names in one line, with ranges; sorted."""
    return ','.join(fold(names))


def _grouped(
    names: Iterable[str], place: int
) -> tuple[dict[_Group, list[str]], list[str]]:
    """Put names together that differ in one of their numbers.

    :param place: which one, counted from the end
    :return: the numbers by what stands around them, and the names that have
        not so many
    """
    groups: dict[_Group, list[str]] = {}
    others: list[str] = []
    for name in names:
        numbers = list(_DIGITS.finditer(name))
        if len(numbers) < place:
            others.append(name)
            continue
        found = numbers[-place]
        around = (name[: found.start()], name[found.end() :])
        if _NUMBER.fullmatch(found[0]):
            groups.setdefault(around, []).append(found[0])
        else:
            others.append(name)
    return groups, others


def _patterns(group: _Group, numbers: Sequence[str]) -> Iterator[str]:
    """Write numbers in brackets, in patterns that are not too long."""
    room = _LONGEST - len(''.join(group)) - len('[]')
    part: list[str] = []
    for written in _ranges(numbers):
        if part and len(','.join([*part, written])) > room:
            yield _pattern(group, part)
            part = []
        part.append(written)
    yield _pattern(group, part)


def _pattern(group: _Group, part: Sequence[str]) -> str:
    inner = ','.join(part)
    is_one = len(part) == 1 and '-' not in inner
    return inner.join(group) if is_one else f'[{inner}]'.join(group)


def _ranges(numbers: Sequence[str]) -> Iterator[str]:
    """Write numbers as ranges; those that are padded apart from the others."""
    padded = {len(one) for one in numbers if one.startswith('0')}
    widths: dict[int, list[int]] = {}
    for one in numbers:
        width = len(one) if len(one) in padded else 0
        widths.setdefault(width, []).append(int(one))
    runs = sorted(
        (first, last, width)
        for width, found in widths.items()
        for first, last in _runs(sorted(found))
    )
    for first, last, width in runs:
        ends = (first,) if first == last else (first, last)
        yield '-'.join(f'{one:0{width}}' for one in ends)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give the first and last of numbers that follow each other."""
    first = last = None
    for one in numbers:
        if last is not None and first is not None and one != last + 1:
            yield first, last
            first = one
        first = one if first is None else first
        last = one
    if first is not None and last is not None:
        yield first, last


def _range(text: str) -> tuple[range, int]:
    """Read numbers from one to another, and how wide they are written."""
    first, _, last = text.partition('-')
    last = last or first
    if not (_NUMBER.fullmatch(first) and _NUMBER.fullmatch(last)):
        raise ValueError(f'{text!r} is no range of numbers')
    if first.startswith('0') and len(first) != len(last):
        raise ValueError(f'the ends of {text!r} have different widths')
    if int(first) > int(last):
        raise ValueError(f'{text!r} ends before it begins')
    return range(int(first), int(last) + 1), len(first)
