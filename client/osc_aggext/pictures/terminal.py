# SPDX-License-Identifier: Apache-2.0
"""What a terminal can show, and how lines are filled with words."""

import dataclasses
import math
from collections.abc import Iterator

import wcwidth

from osc_aggext.pictures import layout

_RESET = '\x1b[0m'
_COLOURS = {
    'zone': '\x1b[1m',
    'faint': '\x1b[2m',
    'tenant': '\x1b[35m',
    layout.Kind.HERE: '\x1b[36m',
    layout.Kind.UNSURE: '\x1b[33m',
    layout.Kind.JOINS: '\x1b[32m',
    layout.Kind.LEAVES: '\x1b[33m',
    layout.Kind.DEAD: '\x1b[31m',
}
# Hosts get that much room beside them, however narrow the terminal is.
_LEAST = 12
# So many lines of hosts are shown of an aggregate, if not all are wanted.
_LINES = 3


@dataclasses.dataclass(frozen=True)
class Style:
    """What the reader's terminal can show.

    :ivar width: columns, at least 40 are used; None: as many as needed
    :ivar colour: whether it shows colours
    :ivar ascii: whether it shows nothing but ASCII
    :ivar whole: whether all hosts are wanted, however many lines it takes
    """

    width: int | None = 80
    colour: bool = False
    ascii: bool = False
    whole: bool = False

    def paint(self, colour: str, text: str) -> str:
        """Give a text in a colour, where there are some."""
        if not self.colour or not colour or not text:
            return text
        return f'{_COLOURS[colour]}{text}{_RESET}'


@dataclasses.dataclass(frozen=True)
class Word:
    """What stands together on one line; glued to what is before it or not."""

    text: str
    colour: str = ''
    glued: bool = False


def hung(
    head: str, indent: int, text: list[Word], style: Style
) -> Iterator[str]:
    """Give lines that begin behind a head."""
    for number, line in enumerate(wrapped(text, indent, style)):
        yield (' ' * indent if number else head) + line


def wrapped(text: list[Word], indent: int, style: Style) -> list[str]:
    """Fill lines with words, as wide as there is room behind an indent."""
    room = math.inf
    if style.width is not None:
        room = max(_LEAST, style.width - indent)
    lines: list[list[str]] = [[]]
    used = 0
    for word in text:
        space = '' if word.glued or not used else ' '
        for part in _fitting(word.text, room):
            if used and used + len(space) + width(part) > room:
                lines.append([])
                used, space = 0, ''
            lines[-1].append(space + style.paint(word.colour, part))
            used += len(space) + width(part)
            space = ''
    return _shortened([''.join(line) for line in lines], style)


def _fitting(text: str, room: float) -> Iterator[str]:
    """Part a word that is wider than a line."""
    part = ''
    for sign in text:
        if width(part + sign) > room:
            yield part
            part = ''
        part += sign
    yield part


def _shortened(lines: list[str], style: Style) -> list[str]:
    if style.whole or style.width is None or len(lines) <= _LINES:
        return lines
    more = f'… +{len(lines) - _LINES + 1:,} lines'
    return [*lines[: _LINES - 1], style.paint('faint', more)]


def filled(text: str, columns: int) -> str:
    """Cut a text to a number of columns, or fill it up with blanks."""
    while width(text) > columns:
        text = text.removesuffix('…')[:-1] + '…'
    return text + ' ' * (columns - width(text))


def width(text: str) -> int:
    """Say how many columns a text takes."""
    return max(0, wcwidth.wcswidth(text))
