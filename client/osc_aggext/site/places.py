# SPDX-License-Identifier: Apache-2.0
"""YAML with the place of everything in it, and what is wrong there."""

import dataclasses
import re
import types
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any, TypeVar

import yaml

T = TypeVar('T')

# Told at most; what follows is counted.
MOST = 100

_STR = 'tag:yaml.org,2002:str'
_NULL = 'tag:yaml.org,2002:null'
_BOOL = 'tag:yaml.org,2002:bool'
_KINDS: Mapping[str, str] = types.MappingProxyType(
    {
        _BOOL: 'a boolean',
        _NULL: 'nothing',
        'tag:yaml.org,2002:int': 'a number',
        'tag:yaml.org,2002:float': 'a number',
        'tag:yaml.org,2002:timestamp': 'a date',
        'tag:yaml.org,2002:map': 'a mapping',
        'tag:yaml.org,2002:seq': 'a list',
    }
)
_TAG = re.compile(r'[\[,]\s*(![\w.*?-]+)', re.ASCII)
_TRUE = frozenset(('yes', 'true', 'on'))


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands; lines and columns begin with 1."""

    line: int
    column: int

    @classmethod
    def of(cls, node: yaml.Node) -> 'Place':
        """Give where a node begins."""
        return cls(node.start_mark.line + 1, node.start_mark.column + 1)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong somewhere."""

    place: Place
    detail: str


class Invalid(ValueError):
    """A file says what cannot be; it has all problems, by place.

    :ivar problems: all of them
    """

    def __init__(self, name: str, problems: list[Problem]) -> None:
        """Take the name of the file and what is wrong in it."""
        self.problems = tuple(sorted(problems))
        lines = [
            f'{name}:{one.place.line}:{one.place.column}: {one.detail}'
            for one in self.problems[:MOST]
        ]
        if len(self.problems) > MOST:
            lines.append(f'... and {len(self.problems) - MOST} more.')
        super().__init__('\n'.join(lines))


class Reader:
    """Reads nodes, and collects what is wrong with them.

    What is wrong reads as ``None``, so that all of it can be told at once.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fail(self, node: yaml.Node, detail: str) -> None:
        """Note what is wrong with a node."""
        self.problems.append(Problem(Place.of(node), detail))

    def members(
        self, node: yaml.Node, known: Mapping[str, T], where: str
    ) -> Iterator[tuple[str, T, yaml.Node]]:
        """Give the members of a mapping with what is known of each.

        :param where: what it is, as it is told
        """
        for key, name, value in self.entries(node, where):
            if name in known:
                yield name, known[name], value
            else:
                names = ', '.join(sorted(known))
                self.fail(
                    key,
                    f'{_shown(name)} is not known in {where}, but {names}.',
                )

    def entries(
        self, node: yaml.Node, where: str
    ) -> Iterator[tuple[yaml.Node, str, yaml.Node]]:
        """Give the keys of a mapping, as they stand and as texts, and values.

        A key that comes twice is given once.
        """
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f'{_told(node)}: {where} must be a mapping.')
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = self.text(key)
            if name in seen:
                self.fail(key, f'{_shown(name)} comes twice in {where}.')
            elif name is not None:
                seen.add(name)
                yield key, name, value

    def items(
        self, node: yaml.Node, read: Callable[[yaml.Node], T | None]
    ) -> list[tuple[yaml.Node, T]]:
        """Give the items of a list, as they stand and as they are read."""
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, f'{_told(node)}: it must be a list.')
            return []
        found = [(one, read(one)) for one in node.value]
        return [(one, value) for one, value in found if value is not None]

    def text(self, node: yaml.Node) -> str | None:
        """Read a text; nothing else is taken for one."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _STR:
            return str(node.value)
        if node.tag.startswith('!'):
            said = f'"{node.tag}{node.value}"'
            self.fail(node, f'A tag means nothing here: write {said}.')
        elif isinstance(node, yaml.ScalarNode) and node.tag != _NULL:
            self.fail(node, f'{_told(node)}: write "{node.value}" for a text.')
        else:
            self.fail(node, f'{_told(node)}: it must be a text.')
        return None

    def choice(self, node: yaml.Node, known: tuple[str, ...]) -> str | None:
        """Read one of some texts."""
        found = self.text(node)
        if found is None or found in known:
            return found
        self.fail(node, f'It must be one of {", ".join(known)}.')
        return None

    def flag(self, node: yaml.Node) -> bool | None:
        """Read true or false."""
        if isinstance(node, yaml.ScalarNode) and node.tag == _BOOL:
            return node.value.lower() in _TRUE
        self.fail(node, f'{_told(node)}: it must be true or false.')
        return None


def is_nothing(node: yaml.Node) -> bool:
    """Say whether a node is ``null``, or was left empty."""
    return bool(node.tag == _NULL)


def parse(text: str, name: str) -> yaml.Node:
    """Give the tree of a file.

    :raises Invalid: when it is no YAML, or more than one document
    """
    try:
        found: Any = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Invalid(name, [_malformed(text, error)]) from error
    except yaml.reader.ReaderError as error:
        place = _place(text, error.position)
        detail = f'The character {chr(error.character)!r} cannot stand there.'
        raise Invalid(name, [Problem(place, detail)]) from error
    except RecursionError as error:
        detail = 'It is nested too deeply.'
        raise Invalid(name, [Problem(Place(1, 1), detail)]) from error
    if found is None:
        raise Invalid(name, [Problem(Place(1, 1), 'It is empty.')])
    node: yaml.Node = found
    return node


def _malformed(text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Say why a text is no YAML."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(Place(1, 1), str(error))
    # It eats the end of the list, which is what YAML complains of.
    tag = _TAG.search(text, 0, mark.index)
    if tag:
        return Problem(
            _place(text, tag.start(1)), f'Write "{tag[1]}" with its quotes.'
        )
    place = Place(mark.line + 1, mark.column + 1)
    return Problem(place, f'{error.problem or error.context}.')


def _place(text: str, index: int) -> Place:
    """Give the place of a character."""
    before = text[:index]
    return Place(before.count('\n') + 1, index - before.rfind('\n'))


def _told(node: yaml.Node) -> str:
    """Say what a node is for YAML."""
    kind = _KINDS.get(node.tag, 'something else')
    if isinstance(node, yaml.ScalarNode) and node.value:
        return f'{_shown(node.value)} is {kind}'
    return f'That is {kind}'


def _shown(text: str | None) -> str:
    return repr(text if text is None else text[:80])
