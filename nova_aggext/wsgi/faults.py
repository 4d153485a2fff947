# SPDX-License-Identifier: Apache-2.0
"""Errors as Nova's fault JSON.

``{"itemNotFound": {"code": 404, "message": "..."}}``: the one key follows
from the status (all HTTP cases).
"""

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.wsgi import logs

if TYPE_CHECKING:
    from _typeshed import wsgi

LOG = logging.getLogger(__name__)

NAMES = {
    400: 'badRequest',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'itemNotFound',
    405: 'badMethod',
    409: 'conflictingRequest',
    413: 'overLimit',
    415: 'badMediaType',
    429: 'overLimit',
    501: 'notImplemented',
    503: 'serviceUnavailable',
}
# Characters of a message.
_LONGEST = 1000
UNEXPECTED = (
    'Unexpected API error. The request id of this answer leads to the cause '
    'in the log of the server.'
)


def response(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> webob.Response:
    """Build the answer to a request that failed.

    What the message quotes of the request may be of any length.
    """
    name = NAMES.get(status, 'computeFault')
    if len(message) > _LONGEST:
        message = f'{message[:_LONGEST]}...'
    content = {name: {'code': status, 'message': message}}
    answer = webob.Response(status=status, body=orjson.dumps(content))
    # Nova names the charset of faults, and of nothing else.
    answer.headers['Content-Type'] = 'application/json; charset=UTF-8'
    answer.headers.update((headers or {}).items())
    return answer


def of_error(
    error: exception.AggextException,
    status: int,
    environ: 'wsgi.WSGIEnvironment',
) -> webob.Response:
    """Build the answer to a domain error, and log the reason."""
    # What it quotes of the request must not forge a line.
    reason = str(error)[:_LONGEST].encode('unicode_escape').decode('ascii')
    LOG.info(
        'Answered with %s: %s', status, reason, extra=logs.fields(environ)
    )
    headers = {}
    if isinstance(error, exception.ServiceUnavailable) and error.retry_after:
        headers['Retry-After'] = str(error.retry_after)
    return response(status, error.public, headers)


def unexpected(
    error: Exception, environ: 'wsgi.WSGIEnvironment'
) -> webob.Response:
    """Log an exception with its traceback, and hide it from the caller."""
    LOG.error(
        'Unexpected exception in the API',
        exc_info=error,
        extra=logs.fields(environ),
    )
    return response(500, UNEXPECTED)


class FaultWrapper:
    """Middleware that lets no exception through to the HTTP server.

    An application that raises after it started an answer cannot be helped;
    everything of ours returns its answer as a whole.
    """

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        try:
            return self.application(environ, start_response)
        except webob.exc.WSGIHTTPException as error:
            answer = response(error.code, str(error))
        except exception.AggextException as error:
            if error.always:
                answer = of_error(error, error.code, environ)
            else:
                answer = unexpected(error, environ)
        except Exception as error:
            answer = unexpected(error, environ)
        return answer(environ, start_response)
