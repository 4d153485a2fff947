# SPDX-License-Identifier: Apache-2.0
"""The picture for a terminal."""

import dataclasses
import itertools
import math
import re
from collections.abc import Iterable
from collections.abc import Iterator

import wcwidth

from osc_aggext import ranges
from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.pictures import words

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
_UNICODE = {
    layout.Kind.HERE: '█▒',
    layout.Kind.UNSURE: '??',
    layout.Kind.JOINS: '++',
    layout.Kind.LEAVES: '−−',
    layout.Kind.DEAD: '××',
}
_ASCII = {
    layout.Kind.HERE: '#=',
    layout.Kind.UNSURE: '??',
    layout.Kind.JOINS: '++',
    layout.Kind.LEAVES: '--',
    layout.Kind.DEAD: 'xx',
}
_REMARKS = {
    layout.Kind.UNSURE: '?no answer of the cell',
    layout.Kind.DEAD: '!unknown host',
}
# How wide the bars are, and what room they and the hosts need together.
_BAR = 24
_ROOMY = 50
# Names take no larger part of a line than this, and no more columns.
_LONGEST_ZONE = (16, 6)
_LONGEST_NAME = (24, 3)
_LONGEST_LABEL = 40
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
class _Word:
    """What stands together on one line; glued to what is before it or not."""

    text: str
    colour: str = ''
    glued: bool = False


@dataclasses.dataclass(frozen=True)
class _Columns:
    """How wide what stands left of the hosts is."""

    zone: int
    name: int
    count: int
    bar: int

    @property
    def hosts(self) -> int:
        """Where the hosts begin."""
        label = len('[] ') + self.name + self.count + 1
        return self.zone + 2 + label + (self.bar + 2 if self.bar else 0)


def draw(cloud: model.Cloud, style: Style) -> str:
    """Draw zones, the aggregates of each, and their hosts as ranges.

    The bar of an aggregate is filled where its hosts stand among those of the
    zone: what overlaps lies under one another.
    """
    zones = layout.zones(cloud)
    columns = _columns(zones, style)
    lines = _wrapped(_summary(cloud, zones), 0, style)
    for zone in zones:
        lines.append('')
        lines += _zone(zone, columns, style)
    for warning in cloud.warnings:
        said = [_Word('Warning:', layout.Kind.LEAVES)]
        said += [_Word(one) for one in warning.split()]
        lines += ['', *_wrapped(said, 0, style)]
    text = '\n'.join(lines) + '\n'
    if style.ascii:
        return _in_ascii(text)
    return text


def _in_ascii(text: str) -> str:
    plain = text.replace('−', '-').replace('…', '~').replace('→', '->')
    return plain.encode('ascii', 'backslashreplace').decode()


def _summary(
    cloud: model.Cloud, zones: tuple[layout.Zone, ...]
) -> list[_Word]:
    said = words.summary(layout.totals(cloud, zones))
    planned = ['(with', 'a', 'plan)'] if cloud.planned else []
    return [_Word(one) for one in [*said.split(), *planned]]


def _columns(zones: tuple[layout.Zone, ...], style: Style) -> _Columns:
    bands = [band for zone in zones for band in zone.bands]
    names = [_width(band.aggregate.name) for band in bands]
    counts = [len(f'{band.hosts:,}') for band in bands]
    heads = [_width(_head(zone)) for zone in zones]
    plain = _Columns(
        zone=_most(heads, _LONGEST_ZONE, style),
        name=_most(names, _LONGEST_NAME, style),
        count=max(counts, default=0),
        bar=0,
    )
    if style.width is not None and style.width - plain.hosts < _ROOMY:
        return plain
    return dataclasses.replace(plain, bar=_BAR)


def _most(widths: list[int], limits: tuple[int, int], style: Style) -> int:
    columns, part = limits
    if style.width is not None:
        columns = min(columns, style.width // part)
    return min(max(widths, default=0), columns)


def _head(zone: layout.Zone) -> str:
    return '-' if zone.is_default else zone.name


def _zone(zone: layout.Zone, columns: _Columns, style: Style) -> Iterator[str]:
    head = style.paint('zone', _filled(_head(zone), columns.zone))
    for band in zone.bands:
        yield from _band(zone, band, head, columns, style)
        head = ' ' * columns.zone
    alone = layout.alone(zone)
    if alone:
        text = [_Word('in'), _Word('no'), _Word('aggregate:')]
        text += _patterns(alone, layout.Kind.UNSURE)
        yield from _hung(f'{head}  ', columns.zone + 2, text, style)
    elif not zone.bands:
        yield f'{head}  no aggregate'


def _band(
    zone: layout.Zone,
    band: layout.Band,
    head: str,
    columns: _Columns,
    style: Style,
) -> Iterator[str]:
    name = _filled(band.aggregate.name, columns.name)
    label = f'[{name} {band.hosts:>{columns.count},}]'
    bar = f' {_bar(zone, band, columns.bar, style)} ' if columns.bar else ''
    text = [*_hosts(zone, band, style), *_notes(band)]
    yield from _hung(f'{head}  {label}{bar} ', columns.hosts, text, style)


def _bar(
    zone: layout.Zone, band: layout.Band, count: int, style: Style
) -> str:
    signs = _ASCII if style.ascii else _UNICODE
    cells = ['.' if style.ascii else '·'] * count
    colours = ['faint'] * count
    for run in runs.columns(zone, band.kinds, count, count):
        place = round(run.start)
        cells[place] = signs[run.kind][0 if run.full else 1]
        colours[place] = run.kind
    parts = itertools.groupby(range(count), colours.__getitem__)
    return ''.join(
        style.paint(colour, ''.join(cells[place] for place in places))
        for colour, places in parts
    )


def _hosts(zone: layout.Zone, band: layout.Band, style: Style) -> list[_Word]:
    """Give the hosts of an aggregate, what is wrong with some behind them."""
    by_kind: dict[layout.Kind, list[str]] = {}
    for block, kind in zip(zone.blocks, band.kinds, strict=True):
        if kind is not None:
            by_kind.setdefault(kind, []).extend(block.hosts)
    found: list[_Word] = []
    for kind in layout.Kind:
        names = by_kind.get(kind, [])
        found += _patterns(names, kind)
        if names and kind in _REMARKS:
            found.append(_Word(_REMARKS[kind], kind))
    return found or [_Word('no'), _Word('hosts')]


def _patterns(names: Iterable[str], kind: layout.Kind) -> Iterator[_Word]:
    """Write hosts as ranges that may be parted at their commas."""
    for pattern in ranges.fold(names):
        sign = {layout.Kind.JOINS: '+', layout.Kind.LEAVES: '−'}.get(kind, '')
        colour = '' if kind is layout.Kind.HERE else kind
        for part in re.findall('[^,]+,?', pattern):
            glued = part != pattern and not pattern.startswith(part)
            yield _Word(('' if glued else sign) + part, colour, glued)


def _notes(band: layout.Band) -> Iterator[_Word]:
    one = band.aggregate
    if words.fate(one):
        colour = layout.Kind.JOINS
        if one.fate is model.Fate.LEAVES:
            colour = layout.Kind.LEAVES
        yield _Word(f'({words.fate(one)})', colour)
    if one.tenants:
        yield _Word(words.tenants(one.tenants), 'tenant')
    for label in words.labels(one):
        yield _Word(clean.cut(label, _LONGEST_LABEL), 'faint')
    if one.protected:
        yield _Word('protected', 'faint')
    for change in one.changes:
        yield _Word(f'({change})', layout.Kind.JOINS)


def _hung(
    head: str, indent: int, text: list[_Word], style: Style
) -> Iterator[str]:
    """Give lines that begin behind a head."""
    for number, line in enumerate(_wrapped(text, indent, style)):
        yield (' ' * indent if number else head) + line


def _wrapped(text: list[_Word], indent: int, style: Style) -> list[str]:
    """Fill lines with words, as wide as there is room."""
    room = math.inf
    if style.width is not None:
        room = max(_LEAST, style.width - indent)
    lines: list[list[str]] = [[]]
    used = 0
    for word in text:
        space = '' if word.glued or not used else ' '
        for part in _fitting(word.text, room):
            if used and used + len(space) + _width(part) > room:
                lines.append([])
                used, space = 0, ''
            lines[-1].append(space + style.paint(word.colour, part))
            used += len(space) + _width(part)
            space = ''
    return _shortened([''.join(line) for line in lines], style)


def _fitting(text: str, room: float) -> Iterator[str]:
    """Part a word that is wider than a line."""
    part = ''
    for sign in text:
        if _width(part + sign) > room:
            yield part
            part = ''
        part += sign
    yield part


def _shortened(lines: list[str], style: Style) -> list[str]:
    if style.whole or style.width is None or len(lines) <= _LINES:
        return lines
    more = f'… +{len(lines) - _LINES + 1:,} lines'
    return [*lines[: _LINES - 1], style.paint('faint', more)]


def _filled(text: str, width: int) -> str:
    """Cut a text to a width, or fill it up with blanks."""
    while _width(text) > width:
        text = text.removesuffix('…')[:-1] + '…'
    return text + ' ' * (width - _width(text))


def _width(text: str) -> int:
    """Say how many columns a text takes."""
    return max(0, wcwidth.wcswidth(text))
