# SPDX-License-Identifier: Apache-2.0
"""Answers to requests that failed, in the form of their API."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import logs
from nova_aggext.wsgi import nova

if TYPE_CHECKING:
    from _typeshed import wsgi

LOG = logging.getLogger(__name__)

# Characters of a message.
_LONGEST = 1000
UNEXPECTED = (
    'Unexpected API error. The request id of this answer leads to the cause '
    'in the log of the server.'
)


def response(
    api: wsgi_api.Api,
    environ: 'wsgi.WSGIEnvironment',
    status: int,
    message: str,
    error: exception.AggextException | None = None,
) -> webob.Response:
    """Build the answer to a request that failed.

    What the message quotes of the request may be of any length.

    :param error: what the form of the API may tell more of
    """
    if len(message) > _LONGEST:
        message = f'{message[:_LONGEST]}...'
    request_id = environ.get('openstack.request_id')
    told = api.fault(wsgi_api.Failure(status, message, error, request_id))
    answer = webob.Response(status=status, body=orjson.dumps(told))
    # Nova names the charset of faults, and of nothing else.
    answer.headers['Content-Type'] = f'{wsgi_api.JSON}; charset=UTF-8'
    if error is not None:
        answer.headers.update(error.headers.items())
    return answer


def of_error(
    api: wsgi_api.Api,
    environ: 'wsgi.WSGIEnvironment',
    error: exception.AggextException,
    status: int | None = None,
) -> webob.Response:
    """Build the answer to a domain error, and log the reason.

    :param status: the status code; that of the error without it
    """
    if status is None:
        status = error.code
    # What it quotes of the request must not forge a line.
    reason = str(error)[:_LONGEST].encode('unicode_escape').decode('ascii')
    LOG.info(
        'Answered with %s: %s', status, reason, extra=logs.fields(environ)
    )
    return response(api, environ, status, error.public, error)


def unexpected(
    api: wsgi_api.Api, environ: 'wsgi.WSGIEnvironment', error: Exception
) -> webob.Response:
    """Log an exception with its traceback, and hide it from the caller."""
    LOG.error(
        'Unexpected exception in the API',
        exc_info=error,
        extra=logs.fields(environ),
    )
    return response(api, environ, 500, UNEXPECTED)


class FaultWrapper:
    """Middleware that lets no exception through to the HTTP server.

    What goes wrong outside of an API is told in Nova's form. An application
    that raises after it started an answer cannot be helped; everything of
    ours returns its answer as a whole.
    """

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        api = nova.CURRENT
        try:
            return self.application(environ, start_response)
        except webob.exc.WSGIHTTPException as error:
            answer = response(api, environ, error.code, str(error))
        except exception.AggextException as error:
            if error.always:
                answer = of_error(api, environ, error)
            else:
                answer = unexpected(api, environ, error)
        except Exception as error:
            answer = unexpected(api, environ, error)
        return answer(environ, start_response)
