# SPDX-License-Identifier: Apache-2.0
"""Managers as the own API shows them."""

from typing import Any

from nova_aggext.api.host_aggregate import feed_views
from nova_aggext.api.host_aggregate import links
from nova_aggext.db import managers

View = dict[str, Any]

# Of one manager; a list has no documents.
DOCUMENT = 'document'
FIELDS = (
    'name',
    'description',
    DOCUMENT,
    'etag',
    'applied_at',
    'user_id',
    'project_id',
    'change',
    'links',
)
BRIEF = tuple(name for name in FIELDS if name != DOCUMENT)
# What is shown whatever is chosen.
ALWAYS = ('name',)


def manager(found: managers.Manager, base: str) -> View:
    """Show a manager with its document.

    :param base: the URL of the API
    """
    moment = found.applied_at
    return {
        'name': found.name,
        'description': found.description,
        DOCUMENT: found.document,
        'etag': found.etag,
        'applied_at': None if moment is None else feed_views.time(moment),
        'user_id': found.user_id,
        'project_id': found.project_id,
        'change': found.change_id,
        'links': [links.link('self', address(found.name, base))],
    }


def address(name: str, base: str) -> str:
    """Give the URL of a manager."""
    return f'{base}/managers/{name}'
