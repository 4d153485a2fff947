# SPDX-License-Identifier: Apache-2.0
"""The tables of the page: zones, groups of hosts, the plan."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from osc_aggext import ranges
from osc_aggext.pictures import layout
from osc_aggext.pictures import markup
from osc_aggext.pictures import model
from osc_aggext.pictures import words

_tag = markup.tag
Cell = tuple[str, markup.Element | str]


def zones(drawn: Sequence[layout.Zone]) -> markup.Element:
    """Give a row for each zone, which leads to it."""
    planned = any(zone.joins or zone.leaves for zone in drawn)
    heads = ['Zone', 'Hosts', 'Aggregates', 'Dead members', 'In no aggregate']
    rows = [_zone(place, zone, planned) for place, zone in enumerate(drawn)]
    if planned:
        heads.append('By the plan')
    return _tag(
        'nav',
        {'aria-labelledby': 'overview'},
        _tag('h2', {'id': 'overview'}, 'Zones'),
        _table('overview', 'Zones', heads, rows),
    )


def _zone(place: int, zone: layout.Zone, planned: bool) -> list[Cell]:
    link = _tag('a', {'href': f'#zone-{place}'}, _tag('bdi', {}, zone.name))
    dead = sum(
        len(block.hosts)
        for block in zone.blocks
        if block.state is model.State.DEAD
        and block.way is not model.Fate.JOINS
    )
    alone = len(layout.alone(zone))
    cells: list[Cell] = [
        ('', link),
        ('number', f'{zone.hosts:,}'),
        ('number', f'{len(zone.bands):,}'),
        ('number alarm' if dead else 'number', f'{dead:,}'),
        ('number alarm' if alone else 'number', f'{alone:,}'),
    ]
    if planned:
        cells.append(('number', words.arrow(zone.joins, zone.leaves)))
    return cells


def blocks(cloud: model.Cloud, zone: layout.Zone) -> markup.Element:
    """Give a row for all hosts of a zone that are in the same aggregates."""
    heads = ['Hosts', 'Number', 'Aggregates', 'Remarks']
    rows: list[list[Cell]] = [
        [
            ('', folded(block.hosts)),
            ('number', f'{len(block.hosts):,}'),
            ('', _names(cloud, block)),
            ('', ', '.join(words.block(cloud, block))),
        ]
        for block in zone.blocks
    ]
    said = words.count(len(rows), 'group')
    return _tag(
        'details',
        {'class': 'groups'},
        _tag('summary', {}, f'Hosts in the same aggregates: {said}'),
        _table('groups', 'Groups of hosts', heads, rows),
    )


def folded(names: Iterable[str]) -> markup.Element:
    """Write hosts as ranges that may be broken at their commas."""
    parts: list[markup.Element | str] = []
    for part in ' '.join(ranges.fold(names)).split(','):
        parts += [',', _tag('wbr', {})] if parts else []
        parts.append(part)
    return _tag('code', {}, *parts)


def _names(cloud: model.Cloud, block: layout.Block) -> markup.Element:
    parts: list[markup.Element | str] = []
    for key, fate in block.memberships:
        sign = {model.Fate.JOINS: '+', model.Fate.LEAVES: '−'}.get(fate, '')
        name = _tag('bdi', {}, cloud.aggregates[key].name)
        parts += [f'{", " if parts else ""}{sign}', name]
    return _tag('span', {}, *(parts or ['none']))


def plan(cloud: model.Cloud) -> markup.Element:
    """Give what the plan does: to each aggregate, and between zones."""
    changed = list(_changed(cloud))
    moved = list(_moved(cloud))
    warnings = [_tag('li', {}, _tag('bdi', {}, one)) for one in cloud.warnings]
    return _tag(
        'section',
        {'class': 'plan', 'aria-labelledby': 'plan'},
        _tag('h2', {'id': 'plan'}, 'The plan'),
        _tag('p', {}, 'Nothing of it is done yet.')
        if changed
        else _tag('p', {}, 'It changes nothing.'),
        _tag('ul', {'class': 'warnings'}, *warnings) if warnings else None,
        _table(
            'changes',
            'Changes',
            ['Aggregate', 'Joins', 'Leaves', 'Other changes'],
            changed,
        )
        if changed
        else None,
        _table(
            'moves',
            'Moves',
            ['Hosts', 'Number', 'From zone', 'To zone'],
            moved,
        )
        if moved
        else None,
    )


def _changed(cloud: model.Cloud) -> Iterator[list[Cell]]:
    fates: dict[tuple[int, model.Fate], list[str]] = {}
    for host in cloud.hosts:
        for key, fate in host.memberships:
            fates.setdefault((key, fate), []).append(host.name)
    for key, one in enumerate(cloud.aggregates):
        if one.fate is model.Fate.STAYS:
            continue
        said = [text for text in (words.fate(one), *one.changes) if text]
        yield [
            ('', _tag('bdi', {}, one.name)),
            ('', folded(fates.get((key, model.Fate.JOINS), ()))),
            ('', folded(fates.get((key, model.Fate.LEAVES), ()))),
            ('', _tag('bdi', {}, ', '.join(said))),
        ]


def _moved(cloud: model.Cloud) -> Iterator[list[Cell]]:
    moves: dict[tuple[str, str], list[str]] = {}
    for host in cloud.hosts:
        if host.zone_after is not None:
            way = host.zone, host.zone_after
            moves.setdefault(way, []).append(host.name)
    for (before, after), names in sorted(moves.items()):
        yield [
            ('', folded(names)),
            ('number', f'{len(names):,}'),
            ('', _tag('bdi', {}, before)),
            ('', _tag('bdi', {}, after)),
        ]


def _table(
    name: str, said: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> markup.Element:
    """Give a table that scrolls by itself where it is too wide."""
    head = (_tag('th', {'scope': 'col'}, one) for one in heads)
    body = (
        _tag(
            'tr',
            {},
            _tag('th', {'scope': 'row', 'class': row[0][0]}, row[0][1]),
            *(_tag('td', {'class': style}, what) for style, what in row[1:]),
        )
        for row in rows
    )
    return _tag(
        'div',
        # Who has no pointer can scroll it, too.
        {
            'class': 'scroll',
            'tabindex': '0',
            'role': 'group',
            'aria-label': said,
        },
        _tag(
            'table',
            {'class': name},
            _tag('thead', {}, _tag('tr', {}, *head)),
            _tag('tbody', {}, *body),
        ),
    )
