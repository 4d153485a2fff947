# SPDX-License-Identifier: Apache-2.0
"""The picture as source of Mermaid, for Markdown of a forge or a wiki."""

import re
from collections.abc import Iterator

from osc_aggext.pictures import graph
from osc_aggext.pictures import model

# Mermaid draws no more, unless those who run it allow it.
_EDGES = 500
_CHARACTERS = 50000
_CLASSES = {
    'home': 'fill:#d6e4f7,stroke:#2f5d9e,color:#1f2328',
    'tenant': 'fill:#e8dcfb,stroke:#8250df,color:#1f2328',
    'plain': 'fill:#d8efec,stroke:#4c9a8f,color:#1f2328',
    'here': 'fill:#f6f8fa,stroke:#8c959f,color:#1f2328',
    'dead': 'fill:#ffebe9,stroke:#cf222e,color:#a40e26,stroke-dasharray:4',
    'unsure': 'fill:#fff8c5,stroke:#9a6700,color:#1f2328,stroke-dasharray:2',
    'alone': 'fill:#ffffff,stroke:#cf222e,color:#1f2328,stroke-dasharray:4',
}
_LINKS = {
    model.Fate.STAYS: '---',
    model.Fate.JOINS: '== joins ===',
    model.Fate.LEAVES: '-. leaves .-',
}
# Whatever else may mean something to Mermaid or to HTML in its labels.
_PLAIN = re.compile(r'[^\w .,:+=/()−…→]')


def draw(cloud: model.Cloud, caption: str) -> str:
    """Write it.

    Mermaid has limits. Where the hosts are too many for it, they are left
    out, and a comment says so; in the worst case the last zones are, too.
    """
    drawn = graph.of(cloud)
    whole = _written(drawn, caption, '')
    if len(drawn.edges) <= _EDGES and len(whole) <= _CHARACTERS:
        return whole
    groups = [_without_hosts(group) for group in drawn.groups]
    note = 'hosts are left out: they are more than Mermaid draws'
    while True:
        smaller = graph.Graph(tuple(groups), ())
        written = _written(smaller, caption, note)
        if len(written) <= _CHARACTERS or len(groups) == 1:
            return written
        groups.pop()
        note = 'hosts and some zones are left out: Mermaid draws no more'


def _without_hosts(group: graph.Group) -> graph.Group:
    return graph.Group(group.name, group.title, group.aggregates, ())


def _written(drawn: graph.Graph, caption: str, note: str) -> str:
    return '\n'.join([*_lines(drawn, caption, note), ''])


def _lines(drawn: graph.Graph, caption: str, note: str) -> Iterator[str]:
    yield 'flowchart LR'
    yield f'  %% Host aggregates, {_PLAIN.sub(" ", caption)}'
    if note:
        yield f'  %% {note}'
    for style, how in _CLASSES.items():
        yield f'  classDef {style} {how}'
    for group in drawn.groups:
        if group.title is None:
            yield from (f'  {_aggregate(node)}' for node in group.aggregates)
            continue
        yield f'  subgraph {group.name}["{_plain(group.title)}"]'
        yield from (f'    {_aggregate(node)}' for node in group.aggregates)
        yield from (f'    {_hosts(node)}' for node in group.hosts)
        yield '  end'
    for edge in drawn.edges:
        yield f'  {edge.aggregate} {_LINKS[edge.fate]} {edge.hosts}'


def _aggregate(node: graph.Node) -> str:
    return f'{node.name}("{_label(node)}"):::{node.style}'


def _hosts(node: graph.Node) -> str:
    return f'{node.name}["{_label(node)}"]:::{node.style}'


def _label(node: graph.Node) -> str:
    return '<br/>'.join(_plain(line) for line in node.lines)


def _plain(text: str) -> str:
    """Write a text so that each character stands for itself."""
    return _PLAIN.sub(lambda found: f'#{ord(found.group())};', text)
