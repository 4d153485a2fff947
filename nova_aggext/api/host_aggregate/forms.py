# SPDX-License-Identifier: Apache-2.0
"""Reads documents of JSON, and collects all that is wrong with them.

What is wrong is said of the place where it stands, as a JSON Pointer.
"""

import unicodedata
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any, TypeVar

from nova_aggext.api.host_aggregate import errors

T = TypeVar('T')

Members = dict[str, Any]


class Reader:
    """Collects what is wrong; gives something harmless in its place."""

    def __init__(self) -> None:
        self.problems: list[errors.Problem] = []

    def match(
        self, value: Any, at: str, is_good: Callable[[str], bool], wanted: str
    ) -> str:
        if isinstance(value, str) and is_good(value):
            return value
        self.fail(at, wanted)
        return ''

    def texts(self, found: Members, at: str, name: str) -> list[str]:
        return self.items(found, at, name, self.text)

    def text(self, value: Any, at: str) -> str:
        return self.match(value, at, lambda text: True, 'It must be a text.')

    def items(
        self,
        found: Members,
        at: str,
        name: str,
        read: Callable[[Any, str], T],
    ) -> list[T]:
        values, place = found.get(name, []), f'{at}/{name}'
        if not isinstance(values, list):
            self.fail(place, 'It must be a list.')
            return []
        return [read(one, f'{place}/{at_}') for at_, one in enumerate(values)]

    def optional(
        self,
        found: Members,
        at: str,
        name: str,
        read: Callable[[Any, str], T],
    ) -> T | None:
        return read(found[name], f'{at}/{name}') if name in found else None

    def nullable(
        self,
        found: Members,
        at: str,
        name: str,
        read: Callable[[Any, str], T],
    ) -> T | None:
        if found.get(name) is None:
            return None
        return self.optional(found, at, name, read)

    def object(
        self,
        value: Any,
        at: str,
        allowed: frozenset[str],
        required: Iterable[str] = (),
    ) -> Members:
        if not isinstance(value, dict):
            self.fail(at, 'It must be an object.')
            return {}
        for name in value:
            if name not in allowed:
                place = f'{at}{errors.pointer([name])}'
                self.fail(place, f'{name[:80]!r} is not known here.')
        for name in required:
            if name not in value:
                self.fail(at, f'It must have {name}.')
        return {name: one for name, one in value.items() if name in allowed}

    def fail(
        self,
        at: str,
        detail: str,
        *,
        code: str = 'request.invalid',
        **members: Any,
    ) -> None:
        self.problems.append(errors.problem(code, detail, path=at, **members))

    def flag(self, value: Any, at: str) -> bool:
        if not isinstance(value, bool):
            self.fail(at, 'It must be true or false.')
        return value is True


def is_basic(text: str) -> bool:
    """Say whether Nova's tables hold a text: no NUL, nothing beyond U+FFFF."""
    return '\0' not in text and all(
        one < '\ud800' or '\udfff' < one <= '\uffff' for one in text
    )


def is_prose(text: str) -> bool:
    """Say whether a text of several lines is one that all databases hold."""
    return all(
        one in '\n\r\t' or unicodedata.category(one) not in ('Cc', 'Cs')
        for one in text
    )


def is_printable(text: str) -> bool:
    """Say whether a text has nothing but printable characters."""
    return text.isprintable() and is_basic(text)


def is_name(text: str) -> bool:
    return (
        0 < len(text) <= 255
        and text == text.strip()
        and text.isprintable()
        and is_basic(text)
    )
