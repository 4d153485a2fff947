# SPDX-License-Identifier: Apache-2.0
"""Hosts as the own API shows them."""

import urllib.parse
from typing import Any

from nova_aggext.api.host_aggregate import links
from nova_aggext.compute import host_content
from nova_aggext.compute import host_search

View = dict[str, Any]

INSTANCES = 'instances'
# The fields of a host; all but the last are shown unless some are chosen.
FIELDS = (
    'name',
    'known',
    'availability_zone',
    'default_zone',
    'aggregates',
    'isolation',
    'etag',
    'links',
    INSTANCES,
)
# What is shown whatever is chosen.
ALWAYS = ('name',)


def host(found: host_search.Host, base: str) -> View:
    """Show a host with all fields.

    :param base: the URL of the API
    """
    content = host_content.content(found)
    address = f'{base}/hosts/{urllib.parse.quote(found.name, safe="")}'
    return content | {
        'etag': host_content.etag(found),
        'links': [links.link('self', address)],
        INSTANCES: found.instances,
    }
