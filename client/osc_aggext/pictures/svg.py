# SPDX-License-Identifier: Apache-2.0
"""The picture as one SVG, for a wiki or a report."""

from collections.abc import Iterator
from collections.abc import Sequence

from osc_aggext import ranges
from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import looks
from osc_aggext.pictures import markup
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.pictures import words

_WIDTH = 1100.0
_MARGIN = 24.0
# Where the columns begin: names, counts (right end), bars, what is said.
_NAME = _MARGIN + 8
_COUNT = 262.0
_BAR = 276.0
_BAR_WIDTH = 380.0
_SAID = _BAR + _BAR_WIDTH + 14
# Bars show nothing that is narrower.
_LEAST = 2.0
_ROW = 22.0
_THICK = 15.0
_HEAD = 40.0
_GAP = 14.0
# As many characters as there is room for.
_LONGEST_NAME = 26
_LONGEST_SAID = 58


def draw(cloud: model.Cloud, caption: str) -> str:
    """Draw it; it follows light or dark of whoever shows it.

    :param caption: what cloud it is, and of when
    """
    zones = layout.zones(cloud)
    said = words.summary(layout.totals(cloud, zones))
    top = 92.0
    drawn: list[markup.Element] = []
    for zone in zones:
        height = _height(zone)
        drawn += _zone(zone, top, height)
        top += height + _GAP
    root = markup.tag(
        'svg',
        {
            'xmlns': 'http://www.w3.org/2000/svg',
            'viewBox': f'0 0 {markup.number(_WIDTH)} {markup.number(top)}',
            'width': markup.number(_WIDTH),
            'height': markup.number(top),
            'role': 'img',
            'aria-labelledby': 'title said',
        },
        markup.tag('title', {'id': 'title'}, f'Host aggregates {caption}'),
        markup.tag('desc', {'id': 'said'}, said),
        markup.tag(
            'style', {}, looks.read('colours.css') + looks.read('picture.css')
        ),
        looks.patterns(),
        _box('paper', 0, 0, _WIDTH, top),
        _text('title', _MARGIN, 36, 'Host aggregates'),
        _text('faint end', _WIDTH - _MARGIN, 36, clean.cut(caption, 80)),
        _text('said', _MARGIN, 58, said),
        *_legend(cloud.planned),
        *drawn,
    )
    return markup.xml(root)


def _height(zone: layout.Zone) -> float:
    rows = len(zone.bands) + bool(layout.alone(zone))
    return _HEAD + rows * _ROW + 8


def _legend(planned: bool) -> Iterator[markup.Element]:
    left = _MARGIN
    for kind, said in words.legend(planned):
        yield _box(f'bar {kind}', left, 70, 14, 10)
        yield _text('small', left + 20, 79, said)
        left += 44 + 6.1 * len(said)


def _zone(
    zone: layout.Zone, top: float, height: float
) -> Iterator[markup.Element]:
    yield _box('zone', _MARGIN, top, _WIDTH - 2 * _MARGIN, height, '8')
    yield _text('head', _NAME, top + 25, clean.cut(zone.name, 40))
    yield _text('small end', _COUNT, top + 25, f'{zone.hosts:,}')
    yield _text('small', _BAR, top + 25, words.zone(zone))
    line = top + _HEAD
    for band in zone.bands:
        yield _band(zone, band, line)
        line += _ROW
    if layout.alone(zone):
        yield _alone(zone, line)


def _alone(zone: layout.Zone, line: float) -> markup.Element:
    """Give the row of hosts in no aggregate."""
    names = layout.alone(zone)
    folded = ' '.join(ranges.fold(names))
    kinds = layout.alone_kinds(zone)
    return markup.tag(
        'g',
        {},
        markup.tag('title', {}, f'in no aggregate: {folded}'),
        _text('alarm', _NAME, line + 12, 'in no aggregate'),
        _text('end', _COUNT, line + 12, f'{len(names):,}'),
        *_bar(zone, kinds, '', line),
        _text('small', _SAID, line + 12, clean.cut(folded, _LONGEST_SAID)),
    )


def _band(zone: layout.Zone, band: layout.Band, line: float) -> markup.Element:
    one = band.aggregate
    names = [
        name
        for block, kind in zip(zone.blocks, band.kinds, strict=True)
        if kind is not None
        for name in block.hosts
    ]
    folded = ' '.join(ranges.fold(names)) or 'no hosts'
    said = ', '.join([*words.remarks(band), folded])
    struck = ' gone' if one.fate is model.Fate.LEAVES else ''
    return markup.tag(
        'g',
        {},
        markup.tag('title', {}, f'{one.name}: {said}'),
        _text(
            f'name{struck}',
            _NAME,
            line + 12,
            clean.cut(one.name, _LONGEST_NAME),
        ),
        _text('end', _COUNT, line + 12, f'{band.hosts:,}'),
        *_bar(zone, band.kinds, looks.kept(band), line),
        _text('small', _SAID, line + 12, clean.cut(said, _LONGEST_SAID)),
    )


def _bar(
    zone: layout.Zone,
    kinds: Sequence[layout.Kind | None],
    style: str,
    line: float,
) -> Iterator[markup.Element]:
    yield _box('track', _BAR, line, _BAR_WIDTH, _THICK, '3')
    for run in runs.runs(zone, kinds, _BAR_WIDTH, _LEAST):
        classes = looks.classes(run, style)
        yield _box(classes, _BAR + run.start, line, run.width, _THICK)


def _box(
    style: str,
    left: float,
    top: float,
    width: float,
    height: float,
    round: str = '0',
) -> markup.Element:
    return markup.tag(
        'rect',
        {
            'class': style,
            'x': markup.number(left),
            'y': markup.number(top),
            'width': markup.number(width),
            'height': markup.number(height),
            'rx': round,
        },
    )


def _text(style: str, left: float, line: float, text: str) -> markup.Element:
    return markup.tag(
        'text',
        {
            'class': style,
            'x': markup.number(left),
            'y': markup.number(line),
        },
        text,
    )
