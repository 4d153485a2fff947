# SPDX-License-Identifier: Apache-2.0
"""Hosts as the own API shows them."""

import urllib.parse
from typing import Any

from nova_aggext.api.host_aggregate import links
from nova_aggext.compute import etags
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
# Keys of metadata that let only one project use the hosts begin with it.
_TENANT = 'filter_tenant_id'


def host(found: host_search.Host, base: str) -> View:
    """Show a host with all fields.

    :param base: the URL of the API
    """
    content: View = {
        'name': found.name,
        'known': found.known,
        'availability_zone': found.zone,
        'default_zone': found.in_default_zone,
        'aggregates': [
            {
                'id': one.id,
                'uuid': one.uuid,
                'name': one.name,
                'availability_zone': one.availability_zone,
            }
            for one in found.aggregates
        ],
        'isolation': _isolation(found),
    }
    address = f'{base}/hosts/{urllib.parse.quote(found.name, safe="")}'
    return content | {
        'etag': etags.digest(content),
        'links': [links.link('self', address)],
        INSTANCES: found.instances,
    }


def _isolation(found: host_search.Host) -> list[str]:
    """Give what restricts a host to projects, of all of its aggregates."""
    return sorted(
        {
            f'{key}={value}'
            for one in found.aggregates
            for key, value in one.metadata.items()
            if key.startswith(_TENANT)
        }
    )
