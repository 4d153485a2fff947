# SPDX-License-Identifier: Apache-2.0
"""What decorators say of a controller method: a frozen record on it."""

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from nova_aggext import exception
from nova_aggext.wsgi import microversion

ATTRIBUTE = '__wsgi_facts__'

Method = TypeVar('Method', bound=Callable[..., Any])


class Decorator(Protocol):
    """Declares something of a method and gives back the very same."""

    def __call__(self, method: Method, /) -> Method: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """A function that checks a document, and the versions it serves.

    ``run`` is told whether to drop what it does not know. It gives the
    document back, or raises ``errors.ValidationError``.
    """

    run: Callable[[Any, bool], Any]
    versions: microversion.Range


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """All that is declared of one controller method."""

    action: str | None = None
    of: str | None = None
    versions: microversion.Range = microversion.EVERY
    status: int = 200
    expected: frozenset[int] = frozenset()
    codes: Mapping[type[exception.AggextException], int] = dataclasses.field(
        default_factory=dict
    )
    body: tuple[Check, ...] = ()
    query: tuple[Check, ...] = ()
    answer: tuple[Check, ...] = ()

    def status_of(self, error: exception.AggextException) -> int | None:
        """Give the status an error is answered with; None: not expected."""
        for kind in type(error).__mro__:
            if kind in self.codes:
                return self.codes[kind]
        if error.always or error.code in self.expected:
            return error.code
        return None


def of(method: Callable[..., Any]) -> Facts | None:
    """Give what was declared of a method; None where nothing was."""
    return getattr(method, ATTRIBUTE, None)


def declare(method: Method, **changes: Any) -> Method:
    """Change the record of a method and give back the very same method."""
    facts = dataclasses.replace(of(method) or Facts(), **changes)
    setattr(method, ATTRIBUTE, facts)
    return method
