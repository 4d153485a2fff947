# SPDX-License-Identifier: Apache-2.0
"""What a host is to those who read it, and the entity tag of that."""

from typing import Any

from nova_aggext.compute import etags
from nova_aggext.compute import host_search

# Keys of metadata that keep hosts for some projects begin with it (Nova's
# filter AggregateMultiTenancyIsolation).
ISOLATION = 'filter_tenant_id'


def content(found: host_search.Host) -> dict[str, Any]:
    """Give what is shown of a host, but for addresses and instances."""
    return {
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


def etag(found: host_search.Host) -> str:
    """Give the tag of a host: equal content, equal tag."""
    return etags.digest(content(found))


def _isolation(found: host_search.Host) -> list[str]:
    """Give what restricts a host to projects, of all of its aggregates."""
    return sorted(
        {
            f'{key}={value}'
            for one in found.aggregates
            for key, value in one.metadata.items()
            if key.startswith(ISOLATION)
        }
    )
