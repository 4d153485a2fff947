# SPDX-License-Identifier: Apache-2.0
"""The request: version, context, and a body that is parsed once."""

import functools
import urllib.parse
from typing import Any, Generic, TypeVar

import orjson
import webob
from webob import acceptparse

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

        :raises MalformedRequestBody: for what is no JSON in UTF-8, or nested
            deeper than 1024 levels
        """
        body = self.body
        if not (body and wanted):
            return None
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise exception.MalformedRequestBody(reason=error.msg) from error

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
        """Choose the media type of an answer; JSON where none is accepted."""
        return _best_type(self.environ.get('HTTP_ACCEPT'))


# Clients have few of them.
@functools.lru_cache(maxsize=64)
def _best_type(accept: str | None) -> str:
    accepted = acceptparse.create_accept_header(accept)
    offers = accepted.acceptable_offers([JSON, VENDOR_JSON])
    return str(offers[0][0]) if offers else JSON
