# SPDX-License-Identifier: Apache-2.0
"""What the script of the page searches in."""

import json
from collections.abc import Sequence
from typing import Any

from osc_aggext import ranges
from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.pictures import words
from osc_aggext.pictures.page import bands

_LONGEST_FOLDED = 300


def write(cloud: model.Cloud, zones: Sequence[layout.Zone]) -> str:
    """Give it as JSON that can stand in a script element of HTML."""
    aggregates = [
        {
            'name': one.name,
            'uuid': one.uuid,
            'metadata': [f'{key}={value}' for key, value in one.metadata],
        }
        for one in cloud.aggregates
    ]
    blocks = [
        _block(cloud, place, block, span)
        for place, zone in enumerate(zones)
        for block, span in zip(
            zone.blocks,
            runs.spans(zone, bands.WIDTH, bands.LEAST),
            strict=True,
        )
    ]
    text = json.dumps(
        {
            'zones': [zone.name for zone in zones],
            'aggregates': aggregates,
            'blocks': blocks,
        },
        separators=(',', ':'),
    )
    # Nothing in it can end the element, or begin a comment in it.
    return text.replace('<', '\\u003c').replace('>', '\\u003e')


def _block(
    cloud: model.Cloud,
    place: int,
    block: layout.Block,
    span: tuple[float, float],
) -> dict[str, Any]:
    folded = ' '.join(ranges.fold(block.hosts))
    return {
        'zone': place,
        'start': round(span[0], 2),
        'width': round(span[1], 2),
        'hosts': block.hosts,
        'folded': clean.cut(folded, _LONGEST_FOLDED),
        'in': [[key, fate] for key, fate in block.memberships],
        'state': block.state,
        'way': block.way,
        'kept': bool(layout.tenants(cloud, block)),
        'remarks': words.block(cloud, block),
    }
