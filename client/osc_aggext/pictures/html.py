# SPDX-License-Identifier: Apache-2.0
"""The picture as one page that needs nothing else: no network, no server.

It can be read without its script; that adds the search and the tooltips.
"""

import base64
import hashlib
from collections.abc import Iterator

from osc_aggext.pictures import layout
from osc_aggext.pictures import looks
from osc_aggext.pictures import markup
from osc_aggext.pictures import model
from osc_aggext.pictures import words
from osc_aggext.pictures.page import bands
from osc_aggext.pictures.page import data
from osc_aggext.pictures.page import tables

_tag = markup.tag


def draw(cloud: model.Cloud, caption: str) -> str:
    """Draw it; the page follows light or dark of whoever shows it.

    :param caption: what cloud it is, and of when
    """
    zones = layout.zones(cloud)
    style = looks.read('colours.css') + looks.read('page.css')
    script = ''.join(map(looks.read, ('query.js', 'tips.js', 'page.js')))
    root = _tag(
        'html',
        {'lang': 'en'},
        _head(caption, style, script),
        _tag(
            'body',
            {},
            _tag(
                'a', {'class': 'skip', 'href': '#zones'}, 'Skip to the zones'
            ),
            _header(cloud, zones, caption),
            _main(cloud, zones),
            _hatchings(),
            _tag('div', {'id': 'tip', 'role': 'tooltip', 'hidden': ''}),
            _tag(
                'script',
                {'type': 'application/json', 'id': 'data'},
                data.write(cloud, zones),
            ),
            _tag('script', {}, script),
        ),
    )
    return markup.html(root)


def _head(caption: str, style: str, script: str) -> markup.Element:
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f'img-src data:; style-src {_hash(style)}; script-src {_hash(script)}'
    )
    return _tag(
        'head',
        {},
        _tag('meta', {'charset': 'utf-8'}),
        _tag(
            'meta',
            {'http-equiv': 'Content-Security-Policy', 'content': policy},
        ),
        _tag(
            'meta',
            {
                'name': 'viewport',
                'content': 'width=device-width, initial-scale=1',
            },
        ),
        _tag('meta', {'name': 'referrer', 'content': 'no-referrer'}),
        # Nobody then asks a server for one.
        _tag('link', {'rel': 'icon', 'href': 'data:,'}),
        _tag('title', {}, f'Host aggregates, {caption}'),
        _tag('style', {}, style),
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _header(
    cloud: model.Cloud, zones: tuple[layout.Zone, ...], caption: str
) -> markup.Element:
    totals = layout.totals(cloud, zones)
    figures = [
        _figure(totals.hosts, 'host'),
        _figure(totals.zones, 'zone'),
        _figure(totals.aggregates, 'aggregate'),
    ]
    for count, said, show in (
        (totals.dead, 'dead member', 'dead'),
        (totals.unassigned, 'in no aggregate', 'alone'),
        (totals.unsure, 'without answer of the cell', 'unsure'),
        (totals.isolated, 'kept for projects', 'kept'),
    ):
        if count:
            figures.append(_figure(count, said, show))
    return _tag(
        'header',
        {},
        _tag('h1', {}, 'Host aggregates'),
        _tag('p', {'class': 'caption'}, _tag('bdi', {}, caption)),
        _tag('ul', {'class': 'figures'}, *figures),
    )


def _figure(count: int, said: str, show: str = '') -> markup.Element:
    """Give a number; the script makes those with ``show`` a filter."""
    if said in ('host', 'zone', 'aggregate', 'dead member') and count != 1:
        said += 's'
    which = {'class': show, 'data-show': show} if show else {}
    return _tag('li', which, _tag('b', {}, f'{count:,}'), f' {said}')


def _main(
    cloud: model.Cloud, zones: tuple[layout.Zone, ...]
) -> markup.Element:
    return _tag(
        'main',
        {},
        _find(cloud, zones),
        tables.plan(cloud) if cloud.planned else None,
        tables.zones(zones),
        _legend(cloud.planned),
        _tag(
            'div',
            {'id': 'zones', 'tabindex': '-1'},
            *(bands.zone(cloud, zones, place) for place in range(len(zones))),
        ),
    )


def _find(
    cloud: model.Cloud, zones: tuple[layout.Zone, ...]
) -> markup.Element:
    """Give the form of the search; there is none without the script."""
    shows = [
        ('', 'all hosts'),
        ('dead', 'dead members'),
        ('alone', 'in no aggregate'),
        ('kept', 'kept for projects'),
        ('several', 'in several aggregates'),
        ('unsure', 'without answer of the cell'),
    ]
    if cloud.planned:
        shows.append(('planned', 'touched by the plan'))
    named = [(str(place), zone.name) for place, zone in enumerate(zones)]
    return _tag(
        'section',
        {'id': 'find', 'aria-label': 'Search', 'hidden': ''},
        _tag(
            'form',
            {'role': 'search', 'aria-label': 'Hosts'},
            _field(
                'Host or aggregate',
                'text',
                {
                    'type': 'search',
                    'autocomplete': 'off',
                    'spellcheck': 'false',
                    'placeholder': 'cmp-a017, cmp-b[001-040], gpu*',
                },
            ),
            _choice('Zone', 'zone', [('', 'all zones'), *named]),
            _field(
                'Metadata',
                'metadata',
                {
                    'type': 'search',
                    'list': 'keys',
                    'autocomplete': 'off',
                    'spellcheck': 'false',
                    'placeholder': 'ssd or ssd=true',
                },
            ),
            _keys(cloud),
            _choice('Show', 'show', shows),
            _tag('button', {'type': 'reset'}, 'Clear'),
        ),
        _tag('p', {'id': 'count', 'role': 'status'}),
        _tag(
            'div',
            {
                'id': 'results',
                'role': 'group',
                'aria-label': 'Hosts that match',
                'tabindex': '0',
                'hidden': '',
            },
        ),
    )


def _field(
    label: str, name: str, attributes: dict[str, str]
) -> markup.Element:
    field = _tag('input', {'id': f'by-{name}', 'name': name, **attributes})
    return _tag(
        'label', {'class': f'by-{name}'}, _tag('span', {}, label), field
    )


def _choice(
    label: str, name: str, choices: list[tuple[str, str]]
) -> markup.Element:
    options = (
        _tag('option', {'value': value}, said) for value, said in choices
    )
    field = _tag('select', {'id': f'by-{name}', 'name': name}, *options)
    return _tag(
        'label', {'class': f'by-{name}'}, _tag('span', {}, label), field
    )


def _keys(cloud: model.Cloud) -> markup.Element:
    """Give what metadata there is, to be chosen from."""
    found = {pair for one in cloud.aggregates for pair in one.metadata}
    said = {key for key, _ in found} | {f'{k}={v}' for k, v in found}
    options = (_tag('option', {'value': one}) for one in sorted(said))
    return _tag('datalist', {'id': 'keys'}, *options)


def _legend(planned: bool) -> markup.Element:
    return _tag(
        'aside',
        {'class': 'legend', 'aria-label': 'How to read it'},
        _tag('ul', {}, *_samples(planned)),
        _tag(
            'details',
            {},
            _tag('summary', {}, 'How to read it'),
            _tag('p', {}, words.HOW_TO_READ),
        ),
    )


def _samples(planned: bool) -> Iterator[markup.Element]:
    for style, said in words.legend(planned):
        bar = {'class': f'bar {style}', 'width': '100%', 'height': '100%'}
        sample = {'class': 'sample', 'aria-hidden': 'true'}
        yield _tag('li', {}, _tag('svg', sample, _tag('rect', bar)), said)


def _hatchings() -> markup.Element:
    return _tag(
        'svg',
        {'class': 'defs', 'aria-hidden': 'true', 'width': '0', 'height': '0'},
        looks.patterns(),
    )
