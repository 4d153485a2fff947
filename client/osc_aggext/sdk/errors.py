# SPDX-License-Identifier: Apache-2.0
"""What a server refuses, as exceptions that hold all errors it told of.

Each is also the exception of openstacksdk for its status, where there is one.
"""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any

import requests
from openstack import exceptions

PREFIX = 'host-aggregate.'

NO_API = (
    'The server at {url} has no /os-aggext. It is served by nova-aggext, in '
    'the pipeline of nova-api or as a service of its own (catalog type '
    'host-aggregate): ask the operator of the cloud to load it. Until then '
    '"openstack aggregate" has the single calls.'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One error of an answer.

    :ivar code: without the prefix ``host-aggregate.``
    :ivar detail: a sentence about this very case
    :ivar members: everything that the server said of it
    """

    code: str
    status: int
    title: str
    detail: str
    members: Mapping[str, Any]

    @classmethod
    def of(cls, told: Mapping[str, Any], status: int) -> 'Problem':
        """Read an error of an answer with a status."""
        return cls(
            code=str(told.get('code', '')).removeprefix(PREFIX),
            status=status,
            title=str(told.get('title', '')),
            detail=str(told.get('detail') or told.get('title', '')),
            members=types.MappingProxyType(dict(told)),
        )

    def __str__(self) -> str:
        return f'{self.status} {self.code}: {self.detail}'


class Refused(exceptions.HttpException):
    """A server refused a request; nothing was changed.

    :ivar problems: all that it told of, in the order of the request
    :ivar more: how many there are beside these
    """

    def __init__(
        self,
        problems: tuple[Problem, ...],
        more: int,
        response: requests.Response,
    ) -> None:
        """Take what an answer told of."""
        super().__init__(_text(problems, more), response=response)
        self.problems = problems
        self.more = more

    def __str__(self) -> str:
        return str(self.message)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all problems, without their prefix."""
        return frozenset(one.code for one in self.problems)


class Invalid(Refused, exceptions.BadRequestException):
    """400: what was asked makes no sense, or names what is not there."""


class Forbidden(Refused, exceptions.ForbiddenException):
    """403: the caller may not, or the aggregate is protected."""


class NotFound(Refused, exceptions.NotFoundException):
    """404: there is no such thing."""


class VersionUnsupported(Refused):
    """406: the server has other versions.

    :ivar versions: the oldest and the newest that it has
    """

    @property
    def versions(self) -> tuple[str, str]:
        """The oldest and the newest version of the server."""
        told = self.problems[0].members
        return str(told['min_version']), str(told['max_version'])


class Conflict(Refused, exceptions.ConflictException):
    """409: a rule or another manager forbids it; to repeat it is no use."""


class Gone(Refused):
    """410: changes that were asked for are forgotten."""

    @property
    def oldest(self) -> str:
        """The position of the oldest change that can be followed."""
        return str(self.problems[0].members['oldest'])


class Stale(Refused, exceptions.PreconditionFailedException):
    """412: it is not what it was any more; read again."""


class Unavailable(Refused):
    """503: the server cannot answer at present; the same may be asked again.

    :ivar retry_after: seconds to wait, where the server said so
    """

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the server said so."""
        response = self.response
        if response is None:
            return None
        said = response.headers.get('Retry-After')
        return float(said) if said and said.isdecimal() else None


class NoAPI(exceptions.NotFoundException):
    """The server has no ``/os-aggext``."""

    def __init__(self, url: str, response: requests.Response) -> None:
        """Take where it was looked for."""
        super().__init__(NO_API.format(url=url), response=response)

    def __str__(self) -> str:
        return str(self.message)


_BY_STATUS: Mapping[int, type[Refused]] = types.MappingProxyType(
    {
        400: Invalid,
        403: Forbidden,
        404: NotFound,
        406: VersionUnsupported,
        409: Conflict,
        410: Gone,
        412: Stale,
        503: Unavailable,
    }
)


def of(response: requests.Response, endpoint: str) -> Exception:
    """Give the exception for an answer that is no success.

    :param endpoint: where the API is looked for
    """
    status, body = response.status_code, _body(response)
    told = body.get('errors')
    if not isinstance(told, list) or not told:
        if status == 404:
            return NoAPI(endpoint, response)
        return Refused((_foreign(status, response),), 0, response)
    problems = tuple(Problem.of(one, status) for one in told)
    kind = _BY_STATUS.get(status, Refused)
    return kind(problems, int(body.get('more', 0)), response)


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _foreign(status: int, response: requests.Response) -> Problem:
    """Tell of an answer that something before the API gave."""
    reason = response.reason or 'No reason was given'
    return Problem('http', status, reason, f'{reason}.', {})


def _text(problems: tuple[Problem, ...], more: int) -> str:
    lines = [str(one) for one in problems]
    if more:
        lines.append(f'... and {more} more.')
    return '\n'.join(lines)
