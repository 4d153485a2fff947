# SPDX-License-Identifier: Apache-2.0
"""Failures of the own API, in the form that the API-SIG gives errors.

All errors of one answer have its status. What varies in their text stands in
members of its own as well.
"""

import dataclasses
import types
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api.host_aggregate import codes
from nova_aggext.wsgi import errors as wsgi_errors

# Errors of use cases that have a code of their own.
_CODES: Mapping[type[object], str] = types.MappingProxyType(
    {
        exception.AggregateNotFound: 'aggregate.not_found',
        exception.ComputeHostNotFound: 'host.not_found',
    }
)

# Errors in one answer; of more it tells how many.
MOST = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    :ivar code: one of ``codes``, without the prefix
    :ivar detail: a sentence about this very case
    :ivar members: what a program may want to know of it
    """

    code: str
    title: str
    detail: str
    members: Mapping[str, Any]


def problem(code: str, detail: str, **members: Any) -> Problem:
    """Make a problem with the title of its code."""
    return Problem(code, codes.TITLES[code], detail, members)


class Refused(exception.AggextException):
    """A request is refused for one or more problems of one status.

    :ivar problems: all that are told, in the order of the request
    :ivar more: how many there are beside these
    """

    always = True
    msg_fmt = 'The request is refused.'

    def __init__(
        self,
        status: int = 400,
        problems: Iterable[Problem] = (),
        more: int = 0,
    ) -> None:
        """Take what is wrong; what is more than ``MOST`` is counted."""
        super().__init__()
        found = tuple(problems)
        self.code = status
        self.problems = found[:MOST]
        self.more = more + len(found) - len(self.problems)

    def __str__(self) -> str:
        told = ' '.join(one.detail for one in self.problems)
        return told or super().__str__()


def refused(status: int, code: str, detail: str, **members: Any) -> Refused:
    """Make the error of one problem."""
    return Refused(status, [problem(code, detail, **members)])


def pointer(path: Iterable[str | int]) -> str:
    """Write a path into a document as a JSON Pointer (RFC 6901)."""
    parts = (str(part) for part in path)
    escaped = (part.replace('~', '~0').replace('/', '~1') for part in parts)
    return ''.join(f'/{part}' for part in escaped)


def form(help_url: str, failure: wsgi.Failure) -> dict[str, Any]:
    """Give the document that tells of a failure.

    :param help_url: the page of the documentation that explains all codes
    """
    error = failure.error
    more = 0
    problems: Sequence[Problem] = (_of_kit(failure),)
    if isinstance(error, Refused):
        problems, more = error.problems, error.more
    shown = [_shown(help_url, failure, one) for one in problems]
    return {'errors': shown, 'more': more} if more else {'errors': shown}


def _shown(
    help_url: str, failure: wsgi.Failure, one: Problem
) -> dict[str, Any]:
    href = f'{help_url}#{codes.anchor(one.code)}'
    return {
        'request_id': failure.request_id,
        'code': f'{codes.PREFIX}{one.code}',
        'status': failure.status,
        'title': one.title,
        'detail': one.detail,
        **one.members,
        'links': [{'rel': 'help', 'href': href}],
    }


def _of_kit(failure: wsgi.Failure) -> Problem:
    """Tell of what the kit refused, or what nobody expected."""
    members = _members(failure.error)
    code = _CODES.get(type(failure.error), codes.of_status(failure.status))
    if 'parameter' in members:
        code = 'query.invalid'
    return problem(code, failure.message, **members)


def _members(error: exception.AggextException | None) -> dict[str, Any]:
    """Give what is known of an error beside its text."""
    known = {} if error is None else error.kwargs
    match error:
        case wsgi_errors.RouteNotFound():
            return {'uri': known['path']}
        case wsgi_errors.MethodNotAllowed():
            return {'method': known['method'], 'allowed': known['allowed']}
        case wsgi_errors.InvalidGlobalAPIVersion():
            return {
                'min_version': str(known['minimum']),
                'max_version': str(known['maximum']),
            }
        case wsgi_errors.InvalidContentType():
            return {'content_type': known['content_type']}
        case wsgi_errors.MalformedRequestBody():
            return {'path': ''}
        case wsgi_errors.ValidationError():
            return _place(known)
        case exception.AggregateNotFound():
            return {'aggregate': str(known['aggregate_id'])}
        case exception.ComputeHostNotFound():
            return {'host': known['host']}
        case exception.PolicyNotAuthorized():
            return {'rule': known['action']}
        case exception.ServiceUnavailable(retry_after=int(seconds)):
            return {'retry_after': seconds}
    return {}


def _place(known: Mapping[str, Any]) -> dict[str, Any]:
    """Say where in a body or a query something is wrong."""
    path = known.get('path', ())
    if known['where'] == 'body':
        return {'path': pointer(path)}
    return {'parameter': path[0] if path else None}
