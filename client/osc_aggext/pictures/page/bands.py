# SPDX-License-Identifier: Apache-2.0
"""The diagram of a zone on the page: one row for each aggregate."""

from collections.abc import Iterator
from collections.abc import Sequence

from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import looks
from osc_aggext.pictures import markup
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.pictures import words
from osc_aggext.pictures.page import tables

_tag = markup.tag
# Bars are so many units wide, and show nothing that is narrower.
WIDTH = 100.0
LEAST = 0.4
# A block has a name where it is that wide.
_NAMED = 9.0
_LONGEST_LABEL = 40
_LABELS = 3


def zone(
    cloud: model.Cloud, zones: Sequence[layout.Zone], place: int
) -> markup.Element:
    """Give the section of a zone."""
    drawn = zones[place]
    return _tag(
        'section',
        {
            'class': 'zone',
            'id': f'zone-{place}',
            'data-zone': str(place),
            'aria-labelledby': f'head-{place}',
        },
        _tag(
            'h2',
            {'id': f'head-{place}'},
            _tag('bdi', {}, drawn.name),
            _tag('small', {}, f' {words.zone(drawn)}'),
        ),
        _tag(
            'div',
            {'class': 'bands'},
            _ruler(drawn, place) if drawn.blocks else None,
            *(_band(zones, place, band) for band in drawn.bands),
            _alone(drawn) if layout.alone(drawn) else None,
            _over(),
        ),
        tables.blocks(cloud, drawn) if drawn.blocks else None,
    )


def _ruler(zone: layout.Zone, place: int) -> markup.Element:
    """Give the row that says where which hosts are."""
    parts: list[markup.Element] = []
    for number, (start, wide) in enumerate(runs.spans(zone, WIDTH, LEAST)):
        block = zone.blocks[number]
        shade = 'odd' if number % 2 else 'even'
        parts.append(_rect(f'{shade} {block.state}', start, wide))
        if wide > _NAMED:
            parts.append(_name(block.hosts[0], start, wide))
    svg = _tag('svg', {'class': 'ruler', 'aria-hidden': 'true'}, *parts)
    shown = _tag('div', {'class': 'shown', 'data-ruler': str(place)}, svg)
    return _tag(
        'div',
        {'class': 'row rule'},
        _tag('span', {'class': 'said', 'aria-hidden': 'true'}, 'Hosts'),
        shown,
    )


def _name(text: str, start: float, wide: float) -> markup.Element:
    """Write the name of a host where its block begins, cut by its end."""
    return _tag(
        'svg',
        {'x': _percent(start), 'width': _percent(wide)},
        _tag('text', {'x': '4', 'y': '13'}, text),
    )


def _band(
    zones: Sequence[layout.Zone], place: int, band: layout.Band
) -> markup.Element:
    one = band.aggregate
    gone = ' gone' if one.fate is model.Fate.LEAVES else ''
    return _tag(
        'details',
        {
            'class': f'band{gone}',
            'id': f'band-{place}-{band.key}',
            'data-band': str(band.key),
        },
        _tag(
            'summary',
            {'class': 'row'},
            _tag('span', {'class': 'name'}, _tag('bdi', {}, one.name)),
            _tag(
                'span',
                {'class': 'number'},
                f'{band.hosts:,}',
                _tag('span', {'class': 'unseen'}, ' hosts'),
            ),
            _bar(zones[place], band.kinds, looks.kept(band)),
            _tag('span', {'class': 'chips'}, *_chips(band)),
        ),
        _more(zones, place, band),
    )


def _alone(zone: layout.Zone) -> markup.Element:
    names = layout.alone(zone)
    return _tag(
        'details',
        {'class': 'band alone', 'data-band': 'alone'},
        _tag(
            'summary',
            {'class': 'row'},
            _tag('span', {'class': 'name'}, 'in no aggregate'),
            _tag(
                'span',
                {'class': 'number'},
                f'{len(names):,}',
                _tag('span', {'class': 'unseen'}, ' hosts'),
            ),
            _bar(zone, layout.alone_kinds(zone), ''),
            _tag('span', {'class': 'chips'}),
        ),
        _tag('dl', {'class': 'more'}, *_entry('Hosts', tables.folded(names))),
    )


def _bar(
    zone: layout.Zone, kinds: Sequence[layout.Kind | None], style: str
) -> markup.Element:
    parts = (
        _rect(looks.classes(run, style), run.start, run.width)
        for run in runs.runs(zone, kinds, WIDTH, LEAST)
    )
    svg = _tag('svg', {'class': 'track', 'aria-hidden': 'true'}, *parts)
    return _tag('span', {'class': 'shown'}, svg)


def _rect(style: str, start: float, wide: float) -> markup.Element:
    return _tag(
        'rect',
        {
            'class': style,
            'x': _percent(start),
            'width': _percent(wide),
            'height': '100%',
        },
    )


def _percent(value: float) -> str:
    return f'{markup.number(value)}%'


def _over() -> markup.Element:
    """Give where the script marks columns, through all rows."""
    return _tag(
        'div',
        {'class': 'row over', 'aria-hidden': 'true'},
        _tag('div', {'class': 'shown'}),
    )


def _chips(band: layout.Band) -> Iterator[markup.Element]:
    one = band.aggregate
    if words.fate(one):
        yield _chip(f'fate {one.fate}', words.fate(one))
    if band.joins:
        yield _chip('joins', f'+{band.joins:,}')
    if band.leaves:
        yield _chip('leaves', f'−{band.leaves:,}')
    if band.dead:
        yield _chip('dead', f'{band.dead:,} dead')
    if one.changes:
        yield _chip('joins', words.count(len(one.changes), 'change'))
    if one.tenants:
        yield _chip('tenant', words.tenants(one.tenants))
    if one.protected:
        yield _chip('', 'protected')
    labels = words.labels(one)
    for label in labels[:_LABELS]:
        yield _chip('', clean.cut(label, _LONGEST_LABEL))
    if len(labels) > _LABELS:
        yield _chip('', f'{len(labels) - _LABELS} more')


def _chip(style: str, text: str) -> markup.Element:
    return _tag('span', {'class': f'chip {style}'}, _tag('bdi', {}, text))


def _more(
    zones: Sequence[layout.Zone], place: int, band: layout.Band
) -> markup.Element:
    """Give all that is known of an aggregate, for when it is opened."""
    one = band.aggregate
    by_kind: dict[layout.Kind, list[str]] = {}
    for block, kind in zip(zones[place].blocks, band.kinds, strict=True):
        if kind is not None:
            by_kind.setdefault(kind, []).extend(block.hosts)
    rows: list[markup.Element] = []
    for kind, said in words.KINDS.items():
        if kind in by_kind:
            rows += _entry(said, tables.folded(by_kind[kind]))
    for said, text in words.facts(one):
        rows += _entry(said, _tag('bdi', {}, text))
    for change in one.changes:
        rows += _entry('Plan', _tag('bdi', {}, change))
    others = list(_elsewhere(zones, place, band))
    if others:
        rows += _entry('Also in', *others)
    return _tag('dl', {'class': 'more'}, *rows)


def _elsewhere(
    zones: Sequence[layout.Zone], place: int, band: layout.Band
) -> Iterator[markup.Element]:
    """Give links to the other zones that it has hosts in."""
    for other, zone in enumerate(zones):
        for one in zone.bands:
            if one.key == band.key and other != place:
                yield _tag(
                    'a',
                    {'href': f'#band-{other}-{one.key}'},
                    _tag('bdi', {}, zone.name),
                    f' ({one.hosts:,})',
                )


def _entry(
    said: str, *what: markup.Element | str
) -> tuple[markup.Element, markup.Element]:
    return _tag('dt', {}, said), _tag('dd', {}, *what)
