# SPDX-License-Identifier: Apache-2.0
"""The request: version, context, and a body that is parsed once."""

import functools
import json
import urllib.parse
import urllib.request
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import webob
import webob.exc

from nova_aggext.wsgi import errors
from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import microversion

ContextT = TypeVar('ContextT')


class Request(webob.Request, Generic[ContextT]):
    """A request to a resource.

    :ivar api: the API that it is of
    :ivar context: who calls, as the application's context factory made it
    :ivar version: the version of the answer
    """

    # WebOb keeps in the object what the class has as well. All else it keeps
    # in the environ, where inside nova-api Nova's requests would find it.
    api: wsgi_api.Api = None  # type: ignore[assignment]
    context: ContextT = None  # type: ignore[assignment]
    version: microversion.Version = None  # type: ignore[assignment]

    def require_json(self) -> None:
        """Refuse a request that says its body is of another type.

        :raises InvalidContentType: also where no body is wanted
        """
        told: str = self.environ.get('CONTENT_TYPE', '')
        kind = told.partition(';')[0]
        if kind.strip().lower() not in self.api.content_types:
            raise errors.InvalidContentType(content_type=kind)

    def content(self, *, wanted: bool = True) -> Any:
        """Parse the body; None for an empty one, or one that nobody wants.

        It is read in any case, as the limit on its size applies in any case.

        :raises MalformedRequestBody: for what is no JSON in UTF-8, nested
            deeper than 1024 levels, or not to be read
        """
        body = self._read()
        if not (body and wanted):
            return None
        try:
            return self.api.loads(body)
        except json.JSONDecodeError as error:
            raise errors.MalformedRequestBody(reason=error.msg) from error

    def _read(self) -> bytes:
        """Read the body.

        Each server has errors of its own for one that it cannot read: bad
        chunks, one shorter than its length, a client that is gone. All that
        is called here reads, so whatever it raises means that.

        :raises MalformedRequestBody: for any of them
        """
        try:
            return self.body
        except webob.exc.HTTPException:
            # The limit on the size of bodies answers by itself.
            raise
        except Exception as error:
            raise errors.MalformedRequestBody(
                reason='it is incomplete, or not encoded as it says'
            ) from error

    def query(self) -> dict[str, list[str]]:
        """Parse the query string.

        :raises ValidationError: for one that is not UTF-8
        """
        try:
            return urllib.parse.parse_qs(
                self.query_string, keep_blank_values=True, errors='strict'
            )
        except ValueError as error:
            raise errors.ValidationError(
                detail='The query string is not UTF-8.', where='query'
            ) from error

    def best_type(self) -> str:
        """Choose the media type of an answer."""
        accept = self.environ.get('HTTP_ACCEPT', '')
        return best_type(accept, self.api.media_types)


# Clients have few of them.
@functools.lru_cache(maxsize=64)
def best_type(accept: str, kinds: tuple[str, ...]) -> str:
    """Choose the media type of an answer by an Accept header.

    It is the one of these that the header likes best, whatever parameters it
    has there; of two that it likes alike the one that it names, else the
    first.
    """
    ranges = list(_accepted(accept))
    # The first of the best is taken.
    return max(kinds, key=lambda kind: _liking(kind, ranges))


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    """Give each range of an Accept header with its quality.

    What is of no valid form is passed over, as in Nova.
    """
    for part in urllib.request.parse_http_list(accept):
        kind, *rest = part.split(';')
        parameters = dict(_parameter(one) for one in rest)
        try:
            quality = float(parameters.get('q', '1'))
        except ValueError:
            continue
        yield kind.strip().lower(), max(0.0, min(quality, 1.0))


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition('=')
    return name.strip(), value.strip()


def _liking(
    kind: str, ranges: Iterable[tuple[str, float]]
) -> tuple[float, int]:
    """Give how much a type is liked, and how exactly it is named."""
    exactness = {kind: 2, 'application/*': 1, '*/*': 0}
    return max(
        (
            (quality, exactness[name])
            for name, quality in ranges
            if name in exactness
        ),
        default=(-1.0, 0),
    )
