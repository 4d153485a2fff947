# SPDX-License-Identifier: Apache-2.0
"""Where the blocks of a zone are drawn, and what of each band."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from osc_aggext.pictures import layout

# What is as good as nothing, of a column and of a width.
_FULL = 0.98
_GAP = 1e-6


@dataclasses.dataclass(frozen=True)
class Run:
    """A part of a band that is drawn alike.

    :ivar full: whether each host there is in the aggregate
    """

    start: float
    width: float
    kind: layout.Kind
    full: bool


def spans(
    zone: layout.Zone, width: float, least: float
) -> list[tuple[float, float]]:
    """Give where each block begins and how wide it is.

    Width follows the number of hosts, but no block is narrower than
    ``least`` as long as there is room for that.
    """
    count = len(zone.blocks)
    if not count:
        return []
    floor = min(least, width / 2 / count)
    hosts = sum(len(block.hosts) for block in zone.blocks)
    share = (width - floor * count) / hosts
    found = []
    start = 0.0
    for block in zone.blocks:
        wide = floor + share * len(block.hosts)
        found.append((start, wide))
        start += wide
    return found


def runs(
    zone: layout.Zone,
    kinds: Sequence[layout.Kind | None],
    width: float,
    least: float,
) -> list[Run]:
    """Give what to draw of a band, in few parts.

    Where there are more blocks than one can tell apart, they are drawn as
    columns of the least width.
    """
    places = spans(zone, width, least)
    if len(places) * least > width:
        return _joined(columns(zone, kinds, max(1, int(width / least)), width))
    return _joined(
        Run(start, wide, kind, True)
        for (start, wide), kind in zip(places, kinds, strict=True)
        if kind is not None
    )


def columns(
    zone: layout.Zone,
    kinds: Sequence[layout.Kind | None],
    count: int,
    width: float,
) -> Iterator[Run]:
    """Divide a band into columns of one width; empty ones are left out."""
    wide = width / count
    filled = [0.0] * count
    seen: list[list[layout.Kind]] = [[] for _ in range(count)]
    for (start, size), kind in zip(
        spans(zone, width, wide), kinds, strict=True
    ):
        if kind is None:
            continue
        last = min(count - 1, int((start + size) / wide - 1e-6))
        for column in range(min(last, int(start / wide + 1e-6)), last + 1):
            begin = max(start, column * wide)
            end = min(start + size, (column + 1) * wide)
            filled[column] += (end - begin) / wide
            seen[column].append(kind)
    weight = list(layout.Kind).index
    for column, there in enumerate(seen):
        if there:
            shown = max(there, key=weight)
            full = filled[column] > _FULL and len(set(there)) == 1
            yield Run(column * wide, wide, shown, full)


def _joined(parts: Iterable[Run]) -> list[Run]:
    """Draw neighbours that are alike at once."""
    found: list[Run] = []
    for part in parts:
        last = found[-1] if found else None
        if (
            last is not None
            and (last.kind, last.full) == (part.kind, part.full)
            and part.start - (last.start + last.width) < _GAP
        ):
            wide = part.start + part.width - last.start
            found[-1] = dataclasses.replace(last, width=wide)
        else:
            found.append(part)
    return found
