# SPDX-License-Identifier: Apache-2.0
"""Query strings: each parameter by its own reader, all that is wrong told."""

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from nova_aggext.api.host_aggregate import errors

FilterT = TypeVar('FilterT')
Reader = Callable[[str], Any]

# What a method declares that reads its query by itself.
ANY = {'type': 'object'}
# Every one makes the statement longer.
MOST_FILTERS = 50
# What is told of a value at most.
_SHOWN = 80


class Invalid(ValueError):
    """A value is not what its parameter may have; it says why.

    :ivar code: how that is told
    """

    def __init__(self, reason: str, code: str = 'query.invalid') -> None:
        super().__init__(reason)
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class Query(Generic[FilterT]):
    """What a query string asks for.

    :ivar values: by parameter; those that were not given are left out
    :ivar filters: in the order in which they were given
    """

    values: Mapping[str, Any]
    filters: tuple[FilterT, ...]


def no_filters(name: str) -> None:
    """Know no filter."""


def read(
    given: Mapping[str, Sequence[str]],
    parameters: Mapping[str, Reader],
    filters: Callable[[str], Callable[[str], FilterT] | None] = no_filters,
) -> Query[FilterT]:
    """Read a query string.

    :param given: the values of each parameter
    :param parameters: readers of those that may be given once
    :param filters: gives the reader of one that may be given several times
    :raises Refused: which tells of everything that is wrong
    """
    problems: list[errors.Problem] = []
    values: dict[str, Any] = {}
    read_filters: list[FilterT] = []
    for name, texts in given.items():
        single, filter_of = parameters.get(name), filters(name)
        try:
            if single is not None:
                values[name] = single(_once(texts))
            elif filter_of is not None:
                read_filters += [filter_of(text) for text in texts]
            else:
                raise Invalid('there is no such parameter here')
        except Invalid as error:
            problems.append(_problem(name, texts, error))
    if len(read_filters) > MOST_FILTERS:
        detail = f'There are more than {MOST_FILTERS} filters.'
        problems.append(errors.problem('query.invalid', detail))
    if problems:
        raise errors.Refused(400, problems)
    return Query(values, tuple(read_filters))


def _once(texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise Invalid('it is given more than once')
    return texts[0]


def _problem(
    name: str, texts: Sequence[str], error: Invalid
) -> errors.Problem:
    shown = ', '.join(repr(text[:_SHOWN]) for text in texts[:3])
    return errors.problem(
        error.code,
        f'The parameter {name[:_SHOWN]} cannot be {shown}: {error}.',
        parameter=name,
    )


def boolean(text: str) -> bool:
    """Read ``true`` or ``false``."""
    if text not in ('true', 'false'):
        raise Invalid('it must be true or false')
    return text == 'true'


def chosen(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Give what reads a list of names, each of them known."""

    def read_names(text: str) -> tuple[str, ...]:
        names = tuple(text.split(','))
        unknown = [name for name in names if name not in known]
        if unknown:
            raise Invalid(f'it must list some of {", ".join(known)}')
        return names

    return read_names
