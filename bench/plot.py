# SPDX-License-Identifier: Apache-2.0
"""Draws cost against size."""

from collections.abc import Iterable
import math
import pathlib

import matplotlib
from matplotlib import figure

from bench import sizes

NAME = 'performance'
_COLUMNS = 3
_ORDER = (
    'list',
    'show',
    'create',
    'set_metadata',
    'add_host',
    'remove_host',
    'add_host, relayed',
    'remove_host, relayed',
    'add_host, zoned',
)


def draw(
    compared: Iterable[tuple[str, sizes.Size, float, float]],
    folder: pathlib.Path,
) -> None:
    """Write the picture as SVG and as PNG."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for operation, size, theirs, ours in compared:
        points = found.setdefault(operation, [])
        points.append((size.memberships, theirs, ours))
    costs = [
        cost for points in found.values() for p in points for cost in p[1:]
    ]
    least, most = min(costs) / 2, max(costs) * 2
    names = [name for name in _ORDER if name in found]
    # A picture of the same figures is the same file.
    matplotlib.rcParams['svg.hashsalt'] = NAME
    matplotlib.rcParams['svg.fonttype'] = 'none'
    rows = max(1, math.ceil(len(names) / _COLUMNS))
    drawn = figure.Figure(figsize=(10, 2.8 * rows), layout='constrained')
    for number, name in enumerate(names):
        axes = drawn.add_subplot(rows, _COLUMNS, number + 1)
        xs, theirs_all, ours_all = zip(*sorted(found[name]), strict=True)
        axes.loglog(xs, theirs_all, 'o-', color='tab:red', label='Nova')
        axes.loglog(xs, ours_all, 's-', color='tab:blue', label='nova-aggext')
        axes.set_title(name, fontsize='medium')
        axes.set_xlabel('memberships (aggregates x hosts)', fontsize='small')
        axes.set_ylabel('ms', fontsize='small')
        axes.set_ylim(least, most)
        axes.yaxis.set_major_formatter('{x:g}')
        axes.grid(visible=True, which='major', alpha=0.3)
        if not number:
            axes.legend(fontsize='small')
    drawn.savefig(folder / f'{NAME}.svg', metadata={'Date': None})
    drawn.savefig(folder / f'{NAME}.png', dpi=80)
