# SPDX-License-Identifier: Apache-2.0
"""Entity tags of aggregates: equal content, equal tag.

Nova itself and others write the same tables and leave no mark, so a tag is a
digest of what an aggregate is, never a counter.
"""

import hashlib
import json
from typing import Any

from nova_aggext.db import records

# Another version may show more of an aggregate.
VERSION = '1.0'
LENGTH = 32


def etag(aggregate: records.Aggregate) -> str:
    """Give the tag of an aggregate: 32 hexadecimal digits.

    Times and the order of hosts play no part.
    """
    hosts = sorted(aggregate.hosts)
    return digest(
        {
            'id': aggregate.id,
            'uuid': aggregate.uuid,
            'name': aggregate.name,
            'availability_zone': aggregate.availability_zone,
            'metadata': plain_metadata(aggregate),
            'hosts': hosts,
            'host_count': len(hosts),
            'description': aggregate.description,
            'owner': aggregate.owner,
            'protected': aggregate.protected,
        }
    )


def plain_metadata(aggregate: records.Aggregate) -> dict[str, str]:
    """Give the metadata without the key that holds the zone."""
    found = aggregate.metadata.items()
    return {key: value for key, value in found if key != records.ZONE_KEY}


def digest(document: Any) -> str:
    """Digest a document of JSON, whatever the order of its keys."""
    text = json.dumps(
        [VERSION, document], sort_keys=True, separators=(',', ':')
    )
    return hashlib.sha256(text.encode('ascii')).hexdigest()[:LENGTH]
