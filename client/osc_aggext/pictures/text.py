# SPDX-License-Identifier: Apache-2.0
"""The picture for a terminal."""

import dataclasses
import itertools
import re
from collections.abc import Iterable
from collections.abc import Iterator

from osc_aggext import ranges
from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.pictures import terminal
from osc_aggext.pictures import words

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
# How wide the bars are, what room they and the hosts need together, and where
# bars are twice as wide.
_BAR = 24
_ROOMY = 50
_VERY_ROOMY = 120
# Names take no larger part of a line than this, and no more columns.
_LONGEST_ZONE = (16, 6)
_LONGEST_NAME = (24, 3)
_LONGEST_LABEL = 40


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


def draw(cloud: model.Cloud, style: terminal.Style) -> str:
    """Draw zones, the aggregates of each, and their hosts as ranges.

    The bar of an aggregate is filled where its hosts stand among those of the
    zone: what overlaps lies under one another.
    """
    zones = layout.zones(cloud)
    columns = _columns(zones, style)
    lines = terminal.wrapped(_summary(cloud, zones), 0, style)
    for zone in zones:
        lines.append('')
        lines += _zone(zone, columns, style)
    for warning in cloud.warnings:
        said = [terminal.Word('Warning:', layout.Kind.LEAVES)]
        said += [terminal.Word(one) for one in warning.split()]
        lines += ['', *terminal.wrapped(said, 0, style)]
    text = '\n'.join(lines) + '\n'
    if style.ascii:
        return _in_ascii(text)
    return text


def _in_ascii(text: str) -> str:
    plain = text.replace('−', '-').replace('…', '~').replace('→', '->')
    return plain.encode('ascii', 'backslashreplace').decode()


def _summary(
    cloud: model.Cloud, zones: tuple[layout.Zone, ...]
) -> list[terminal.Word]:
    said = words.summary(layout.totals(cloud, zones))
    planned = ['(with', 'a', 'plan)'] if cloud.planned else []
    return [terminal.Word(one) for one in [*said.split(), *planned]]


def _columns(
    zones: tuple[layout.Zone, ...], style: terminal.Style
) -> _Columns:
    bands = [band for zone in zones for band in zone.bands]
    names = [terminal.width(band.aggregate.name) for band in bands]
    counts = [len(f'{band.hosts:,}') for band in bands]
    heads = [terminal.width(_head(zone)) for zone in zones]
    plain = _Columns(
        zone=_most(heads, _LONGEST_ZONE, style),
        name=_most(names, _LONGEST_NAME, style),
        count=max(counts, default=0),
        bar=0,
    )
    room = _ROOMY if style.width is None else style.width - plain.hosts
    if room < _ROOMY:
        return plain
    bar = _BAR if room < _VERY_ROOMY else 2 * _BAR
    return dataclasses.replace(plain, bar=bar)


def _most(
    widths: list[int], limits: tuple[int, int], style: terminal.Style
) -> int:
    columns, part = limits
    if style.width is not None:
        columns = min(columns, style.width // part)
    return min(max(widths, default=0), columns)


def _head(zone: layout.Zone) -> str:
    return '-' if zone.is_default else zone.name


def _zone(
    zone: layout.Zone, columns: _Columns, style: terminal.Style
) -> Iterator[str]:
    head = style.paint('zone', terminal.filled(_head(zone), columns.zone))
    for band in zone.bands:
        yield from _band(zone, band, head, columns, style)
        head = ' ' * columns.zone
    alone = layout.alone(zone)
    if alone:
        text = [
            terminal.Word('in'),
            terminal.Word('no'),
            terminal.Word('aggregate:'),
        ]
        text += _patterns(alone, layout.Kind.UNSURE)
        yield from terminal.hung(f'{head}  ', columns.zone + 2, text, style)
    elif not zone.bands:
        yield f'{head}  no aggregate'


def _band(
    zone: layout.Zone,
    band: layout.Band,
    head: str,
    columns: _Columns,
    style: terminal.Style,
) -> Iterator[str]:
    name = terminal.filled(band.aggregate.name, columns.name)
    label = f'[{name} {band.hosts:>{columns.count},}]'
    bar = f' {_bar(zone, band, columns.bar, style)} ' if columns.bar else ''
    text = [*_hosts(zone, band, style), *_notes(band)]
    yield from terminal.hung(
        f'{head}  {label}{bar} ', columns.hosts, text, style
    )


def _bar(
    zone: layout.Zone, band: layout.Band, count: int, style: terminal.Style
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


def _hosts(
    zone: layout.Zone, band: layout.Band, style: terminal.Style
) -> list[terminal.Word]:
    """Give the hosts of an aggregate, what is wrong with some behind them."""
    by_kind: dict[layout.Kind, list[str]] = {}
    for block, kind in zip(zone.blocks, band.kinds, strict=True):
        if kind is not None:
            by_kind.setdefault(kind, []).extend(block.hosts)
    found: list[terminal.Word] = []
    for kind in layout.Kind:
        names = by_kind.get(kind, [])
        found += _patterns(names, kind)
        if names and kind in _REMARKS:
            found.append(terminal.Word(_REMARKS[kind], kind))
    return found or [terminal.Word('no'), terminal.Word('hosts')]


def _patterns(
    names: Iterable[str], kind: layout.Kind
) -> Iterator[terminal.Word]:
    """Write hosts as ranges that may be parted at their commas."""
    for pattern in ranges.fold(names):
        sign = {layout.Kind.JOINS: '+', layout.Kind.LEAVES: '−'}.get(kind, '')
        colour = '' if kind is layout.Kind.HERE else kind
        for part in re.findall('[^,]+,?', pattern):
            glued = part != pattern and not pattern.startswith(part)
            yield terminal.Word(('' if glued else sign) + part, colour, glued)


def _notes(band: layout.Band) -> Iterator[terminal.Word]:
    one = band.aggregate
    if words.fate(one):
        colour = layout.Kind.JOINS
        if one.fate is model.Fate.LEAVES:
            colour = layout.Kind.LEAVES
        yield terminal.Word(f'({words.fate(one)})', colour)
    if one.tenants:
        yield terminal.Word(words.tenants(one.tenants), 'tenant')
    for label in words.labels(one):
        yield terminal.Word(clean.cut(label, _LONGEST_LABEL), 'faint')
    if one.protected:
        yield terminal.Word('protected', 'faint')
    for change in one.changes:
        yield terminal.Word(f'({change})', layout.Kind.JOINS)
