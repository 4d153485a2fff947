# SPDX-License-Identifier: Apache-2.0
"""Version documents (cases disc-* and route-unknown)."""

import dataclasses
from typing import Any

from nova_aggext.wsgi import api
from nova_aggext.wsgi import nova

View = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class ApiVersion:
    """One of the two APIs that Nova serves."""

    id: str
    path: str
    status: str
    version: str
    min_version: str
    updated: str
    media_version: str


V20 = ApiVersion(
    id='v2.0',
    path='v2',
    status='DEPRECATED',
    version='',
    min_version='',
    updated='2025-07-04T12:00:00Z',
    media_version='2',
)
V21 = ApiVersion(
    id='v2.1',
    path='v2.1',
    status='CURRENT',
    version=str(nova.CURRENT.supported.maximum),
    min_version=str(nova.CURRENT.supported.minimum),
    updated='2013-07-23T11:33:21Z',
    media_version='2.1',
)
EVERY = (V20, V21)


def index(base: str) -> View:
    """Show the APIs; ``base`` is the URL below which they are."""
    return {'versions': [_summary(one, base) for one in EVERY]}


def show(one: ApiVersion, base: str) -> View:
    """Show one API."""
    view = _summary(one, base)
    view['links'].append(
        {
            'rel': 'describedby',
            'type': 'text/html',
            'href': 'http://docs.openstack.org/',
        }
    )
    view['media-types'] = _media_types(one)
    return {'version': view}


def choices(base: str, path: str) -> View:
    """Show where else a path may be meant."""
    return {
        'choices': [
            {
                'id': one.id,
                'status': one.status,
                'links': [_self_link(base, f'{one.path}{path}')],
                'media-types': _media_types(one),
            }
            for one in EVERY
        ]
    }


def _summary(one: ApiVersion, base: str) -> View:
    return {
        'id': one.id,
        'status': one.status,
        'version': one.version,
        'min_version': one.min_version,
        'updated': one.updated,
        'links': [_self_link(base, f'{one.path}/')],
    }


def _self_link(base: str, path: str) -> View:
    return {'rel': 'self', 'href': f'{base}/{path}'}


def _media_types(one: ApiVersion) -> list[View]:
    return [
        {
            'base': api.JSON,
            'type': f'{nova.MEDIA_TYPE};version={one.media_version}',
        }
    ]
