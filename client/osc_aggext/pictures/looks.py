# SPDX-License-Identifier: Apache-2.0
"""What HTML and SVG have in common: files of styles, patterns, classes."""

import importlib.resources

from osc_aggext.pictures import layout
from osc_aggext.pictures import markup
from osc_aggext.pictures import runs


def read(name: str) -> str:
    """Give the text of a file that goes into a document."""
    folder = importlib.resources.files('osc_aggext.pictures') / 'files'
    return (folder / name).read_text('utf-8')


def kept(band: layout.Band) -> str:
    """Give the class of an aggregate: what its hosts are there for."""
    if band.aggregate.tenants:
        return 'tenant'
    return 'home' if band.gives_zone else ''


def classes(run: runs.Run, style: str) -> str:
    """Give the classes of a part of a band.

    :param style: the class of its aggregate
    """
    found = ['bar', run.kind]
    if style and run.kind is layout.Kind.HERE:
        found.append(style)
    return ' '.join(found if run.full else [*found, 'partly'])


def patterns() -> markup.Element:
    """Give hatchings, as colours alone do not tell everybody."""
    return markup.tag(
        'defs',
        {},
        _hatching('hatch-dead', '6', 'M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2'),
        _hatching('hatch-joins', '6', 'M3,0 v6 M0,3 h6'),
        _hatching('hatch-leaves', '6', 'M0,3 h6'),
        _hatching('hatch-unsure', '5', 'M2,2 h1 v1 h-1 z'),
    )


def _hatching(name: str, size: str, path: str) -> markup.Element:
    return markup.tag(
        'pattern',
        {
            'id': name,
            'width': size,
            'height': size,
            'patternUnits': 'userSpaceOnUse',
        },
        markup.tag('rect', {'width': size, 'height': size}),
        markup.tag('path', {'d': path}),
    )
