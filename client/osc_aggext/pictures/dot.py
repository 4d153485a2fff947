# SPDX-License-Identifier: Apache-2.0
"""The picture as source of Graphviz."""

from collections.abc import Iterator

from osc_aggext.pictures import graph
from osc_aggext.pictures import model

_STYLES = {
    'home': 'shape=box style="rounded,filled" fillcolor="#d6e4f7"',
    'tenant': 'shape=box style="rounded,filled" fillcolor="#e8dcfb"',
    'plain': 'shape=box style="rounded,filled" fillcolor="#d8efec"',
    'here': 'shape=note style=filled fillcolor="#f6f8fa"',
    'dead': 'shape=note style="filled,dashed" color="#cf222e" '
    'fontcolor="#a40e26" fillcolor="#ffebe9"',
    'unsure': 'shape=note style="filled,dotted" fillcolor="#fff8c5"',
    'alone': 'shape=note style="filled,dashed" color="#cf222e" '
    'fillcolor="#ffffff"',
}
_EDGES = {
    model.Fate.STAYS: '',
    model.Fate.JOINS: ' [color="#1a7f37" penwidth=2 label="+"]',
    model.Fate.LEAVES: ' [color="#bc4c00" style=dashed label="−"]',
}


def draw(cloud: model.Cloud, caption: str) -> str:
    """Write it; ``dot -Tsvg`` draws it."""
    return '\n'.join([*_lines(graph.of(cloud), caption), ''])


def _lines(drawn: graph.Graph, caption: str) -> Iterator[str]:
    yield 'graph aggregates {'
    yield '  rankdir=LR; ranksep=1.2; compound=true;'
    yield f'  label={_quoted("Host aggregates, " + caption)}; labelloc=t;'
    yield '  fontname="sans-serif";'
    yield '  node [fontname="sans-serif" fontsize=11];'
    yield '  edge [color="#8c959f" fontname="sans-serif"];'
    # Graphviz begins at the bottom.
    for group in reversed(drawn.groups):
        if group.title is None:
            yield from (_node(node) for node in group.aggregates)
            continue
        yield f'  subgraph cluster_{group.name} {{'
        yield f'    label={_quoted(group.title)}; color="#d1d9e0";'
        nodes = [*group.aggregates, *group.hosts]
        yield from (f'  {_node(node)}' for node in nodes)
        yield '  }'
    for edge in drawn.edges:
        yield f'  {edge.aggregate} -- {edge.hosts}{_EDGES[edge.fate]};'
    yield '}'


def _node(node: graph.Node) -> str:
    label = '\n'.join(node.lines)
    return f'  {node.name} [label={_quoted(label)} {_STYLES[node.style]}];'


def _quoted(text: str) -> str:
    r"""Quote a text; each of its backslashes stands for itself."""
    plain = text.replace('\\', '\\\\').replace('"', '\\"')
    # Entities of HTML mean something in a label, too.
    plain = plain.replace('&', '&amp;')
    return '"' + plain.replace('\n', '\\n') + '"'
