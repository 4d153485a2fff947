# SPDX-License-Identifier: Apache-2.0
"""Tables of what was measured: on the screen, and in the documentation."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
import json
import pathlib
from typing import Any

from bench import plot
from bench import sizes
from nova_aggext.tests.functional import venvs

DOCUMENTS = venvs.ROOT / 'doc/source/contributor'
FIGURES = DOCUMENTS / 'performance-figures.rst'

Rows = Iterable[Sequence[object]]

# At least so many times as fast as Nova; by operation and size, else by
# operation. How the mirror is told is a part of the name.
WANTED = {
    ('list', sizes.BIG): 120,
    ('list', sizes.MEDIUM): 25,
    ('show', None): 5,
    ('create', None): 4,
    ('set_metadata', None): 4,
    ('add_host', None): 2.5,
    ('remove_host', None): 2.5,
    ('add_host, remembered', None): 4,
    ('remove_host, remembered', None): 4,
    ('add_host, relayed', None): 8,
    ('remove_host, relayed', None): 8,
    ('add_host, zoned', sizes.LARGE): 30,
    ('add_host, zoned, remembered', sizes.LARGE): 30,
    ('add_host, zoned, relayed', sizes.LARGE): 30,
    ('create, relay apart', None): 4,
    ('set_metadata, relay apart', None): 4,
    ('add_host, relay apart', None): 8,
    ('remove_host, relay apart', None): 8,
    ('add_host, zoned, relay apart', sizes.LARGE): 30,
}
# At most so many times as much in the big cloud as in the small one.
FLAT = 1.2

_HEAD = """\
.. SPDX-License-Identifier: Apache-2.0
.. Written by "bench/run.sh"; changes made by hand are lost.

===================
Performance figures
===================

How they were made is told in :doc:`performance`.

"""


def write(folder: pathlib.Path) -> None:
    """Write the documentation's part and show it, from the results there."""
    parts = []
    for name, tell in _PARTS.items():
        path = folder / f'{name}.json'
        if path.exists():
            told = json.loads(path.read_text())
            parts += [*tell(told), _machine(name, told['machine'])]
    text = _HEAD + '\n\n'.join(parts) + '\n'
    FIGURES.write_text(text)
    print(text)


def _peer(told: dict[str, Any]) -> list[str]:
    medians = {
        (one['operation'], sizes.Size(*one['size']), one['server']): one[
            'median_ms'
        ]
        for one in told['results']
    }
    compared = _compared(medians)
    plot.draw(compared, DOCUMENTS)
    table = _table(
        'Beside Nova: medians in milliseconds',
        ('operation', 'size', 'Nova', 'ours', 'ratio', 'wanted'),
        (
            (
                operation,
                size,
                f'{theirs:.1f}',
                f'{ours:.2f}',
                f'{theirs / ours:.1f}',
                wanted(operation, size) or '',
            )
            for operation, size, theirs, ours in compared
        ),
    )
    image = '.. image:: performance.svg\n   :alt: Cost against size'
    return [table, image]


# Operation, size, milliseconds of Nova, milliseconds of ours.
Compared = tuple[str, sizes.Size, float, float]


def _compared(
    medians: dict[tuple[str, sizes.Size, str], float],
) -> list[Compared]:
    """Put what belongs together side by side."""
    found = []
    for (operation, size, server), median in medians.items():
        if server != 'nova':
            theirs = medians[operation, size, 'nova']
            suffix = '' if server == 'ours' else f', {server}'
            found.append((f'{operation}{suffix}', size, theirs, median))
    return sorted(found)


def wanted(operation: str, size: sizes.Size) -> float | None:
    """Give the ratio that is wanted, if one is."""
    return WANTED.get((operation, size)) or WANTED.get((operation, None))


def _flat(told: dict[str, Any]) -> list[str]:
    medians: dict[str, dict[sizes.Size, float]] = {}
    for one in told['results']:
        of_sizes = medians.setdefault(one['operation'], {})
        of_sizes[sizes.Size(*one['size'])] = one['median_ms']
    small, big = sizes.SMALL, sizes.BIG
    return [
        _table(
            'Ours in a small and in a big cloud: medians in milliseconds',
            ('operation', str(small), str(big), 'ratio', 'wanted'),
            (
                (
                    name,
                    f'{one[small]:.2f}',
                    f'{one[big]:.2f}',
                    f'{one[big] / one[small]:.2f}',
                    f'at most {FLAT}',
                )
                for name, one in medians.items()
            ),
        )
    ]


def _floor(told: dict[str, Any]) -> list[str]:
    medians: dict[tuple[str, str, str], dict[str, float]] = {}
    for one in told['results']:
        key = (one['driver'], one['operation'], str(sizes.Size(*one['size'])))
        medians.setdefault(key, {})[one['server']] = one['median_ms']
    head = ('driver', 'operation', 'size', 'ours')
    floors = ('floor, rows', 'ratio', 'floor, JSON', 'ratio')
    return [
        _table(
            'Beside the floor: medians in milliseconds',
            (*head, *floors),
            (
                (*key, f'{one["ours"]:.2f}', *_floors(one))
                for key, one in medians.items()
                if 'rows' in one
            ),
        ),
        _table(
            'Changes, the inventory "registered": medians in milliseconds',
            head,
            (
                (*key, f'{one["ours"]:.2f}')
                for key, one in medians.items()
                if 'rows' not in one
            ),
        ),
    ]


def _floors(one: dict[str, float]) -> list[str]:
    """Give the cells of both forms of the floor."""
    return [
        text
        for form in ('rows', 'json')
        for text in (f'{one[form]:.2f}', f'{one["ours"] / one[form]:.2f}')
    ]


def _load(told: dict[str, Any]) -> list[str]:
    titles = {
        'reads': 'Mixed reads, one worker of 4 threads, 8 connections',
        'writes': 'With 10 % writes, 2 workers of 8 threads, 8 connections',
    }
    return [_load_table(title, told[part]) for part, title in titles.items()]


def _load_table(title: str, results: list[dict[str, Any]]) -> str:
    # The turns follow each other: Nova is the first of each.
    theirs = 1.0
    rows = []
    for one in results:
        theirs = one['per_second'] if one['server'] == 'nova' else theirs
        rows.append(
            (
                one['server'],
                one['per_second'],
                f'{one["per_second"] / theirs:.1f}',
                f'{one["median_ms"]:.1f}',
                f'{one["p99_ms"]:.1f}',
                one['refused'] + one['broken'],
            )
        )
    head = ('server', 'requests/s', 'ratio', 'median ms', 'p99 ms', 'errors')
    return _table(title, head, rows)


def _footprint(told: dict[str, Any]) -> list[str]:
    memory = _table(
        'Memory of the worker, in MiB',
        ('server', 'list of', 'after start', 'peak', 'answer', 'seconds'),
        (
            (
                name,
                one['size'],
                one['start_mib'],
                one['peak_mib'],
                one['answer_mib'],
                one['seconds'],
            )
            for name, one in told['memory'].items()
        ),
    )
    starts = _table(
        'Seconds from the start to the first answer',
        ('server', 'seconds'),
        told['starts'].items(),
    )
    cost = told['filter']['median_us']
    return [
        memory,
        starts,
        f'The filter costs a request that passes {cost} microseconds.',
    ]


def _many(told: dict[str, Any]) -> list[str]:
    memory = told['memory']
    return [
        _table(
            'One change, or one question, beside the calls of Nova',
            ('what', 'seconds', 'Nova', 'ratio'),
            (
                (
                    one['what'],
                    round(one['ours'], 4),
                    '' if one['nova'] is None else round(one['nova'], 3),
                    ''
                    if one['nova'] is None
                    else round(one['nova'] / one['ours'], 1),
                )
                for one in told['lines']
            ),
        ),
        f'A change of 5000 memberships takes {memory["seconds"]:.2f} seconds; '
        f'the most that the worker held was {memory["before"]:.0f} MiB before '
        f'and {memory["after"]:.0f} MiB after it.',
    ]


def _managers(told: dict[str, Any]) -> list[str]:
    peaks = told['peaks']
    return [
        _table(
            f'A document of {told["aggregates"]} aggregates and '
            f'{told["memberships"]} memberships',
            ('what', 'seconds', 'MiB at most'),
            (
                (
                    what,
                    round(seconds, 2),
                    round(peaks[what] / 2**20) if what in peaks else '',
                )
                for what, seconds in told['seconds'].items()
            ),
        )
    ]


_PARTS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    'peer': _peer,
    'flat': _flat,
    'floor': _floor,
    'load': _load,
    'many': _many,
    'managers': _managers,
    'footprint': _footprint,
}


def _machine(name: str, told: dict[str, Any]) -> str:
    versions = ', '.join(
        f'{package} {version}'
        for package, version in told.get('versions', {}).items()
    )
    text = (
        f'*{name}*: {told["processor"]}, {told["processors"]} processors, '
        f'Python {told["python"]}; load {told["load_before"]} before and '
        f'{told["load_after"]} after. {versions}'
    )
    return text.strip()


def _table(title: str, head: Sequence[str], rows: Rows) -> str:
    """Give a table as reStructuredText that is good to read as it is."""
    texts = [[str(cell) for cell in row] for row in (head, *rows)]
    for row in texts:
        # An empty first cell would continue the row above.
        row[0] = row[0] or '\\'
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    rule = '  '.join('=' * width for width in widths)
    lines = [
        '  '.join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in texts
    ]
    body = [rule, lines[0], rule, *lines[1:], rule]
    indented = '\n'.join(f'   {line}' for line in body)
    return f'.. table:: {title}\n   :align: left\n\n{indented}'
