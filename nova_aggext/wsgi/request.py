# SPDX-License-Identifier: Apache-2.0
"""The request: version, context, and a body that is parsed once."""

import functools
import urllib.parse
import urllib.request
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import orjson
import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.wsgi import microversion

JSON = 'application/json'
VENDOR_JSON = 'application/vnd.openstack.compute+json'

# text/plain and no type at all count as JSON (case ct-accepted-create).
_JSON_TYPES = frozenset((JSON, VENDOR_JSON, 'text/plain', ''))

ContextT = TypeVar('ContextT')


class Request(webob.Request, Generic[ContextT]):
    """A request to a resource.

    :ivar context: who calls, as the application's context factory made it
    :ivar version: the version of the answer; ``microversion.LEGACY`` in the
        legacy API
    """

    context: ContextT
    version: microversion.Version

    def require_json(self) -> None:
        """Refuse a request that says its body is of another type.

        :raises InvalidContentType: also where no body is wanted
        """
        kind = self.headers.get('Content-Type', '').partition(';')[0]
        if kind.strip().lower() not in _JSON_TYPES:
            raise exception.InvalidContentType(content_type=kind)

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
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise exception.MalformedRequestBody(reason=error.msg) from error

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
            raise exception.MalformedRequestBody(
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
            raise exception.ValidationError(
                detail='The query string is not UTF-8.'
            ) from error

    def best_type(self) -> str:
        """Choose the media type of an answer."""
        return best_type(self.environ.get('HTTP_ACCEPT', ''))


# Clients have few of them.
@functools.lru_cache(maxsize=64)
def best_type(accept: str) -> str:
    """Choose the media type of an answer by an Accept header.

    It is the type of ours that the header likes best, whatever parameters it
    has there; of two that it likes alike the one that it names, else JSON.
    """
    ranges = list(_accepted(accept))
    # The first of the best is taken.
    return max((JSON, VENDOR_JSON), key=lambda kind: _liking(kind, ranges))


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
