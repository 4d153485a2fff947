# SPDX-License-Identifier: Apache-2.0
"""The WSGI application of one controller: find the method, call, serialise."""

import dataclasses
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import answers
from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import conditional
from nova_aggext.wsgi import controller as wsgi_controller
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import request as wsgi_request
from nova_aggext.wsgi import validation

if TYPE_CHECKING:
    from _typeshed import wsgi

# Where the router leaves what it matched: (handler name, path parameters).
ROUTE_KEY = 'nova_aggext.route'

_NOTHING = facts.Facts()

ACTION = wsgi_controller.ACTION


class Context(Protocol):
    """What the kit itself needs to know of a caller."""

    @property
    def project_id(self) -> str | None: ...


ContextT = TypeVar('ContextT', bound=Context)


# Learns of an answer: operation, status, seconds.
Answered = Callable[[str, int, float], None]


def unseen(operation: str, status: int, seconds: float) -> None:
    """Let nobody learn of an answer."""


Respond = Callable[[wsgi_request.Request[ContextT]], 'wsgi.WSGIApplication']


@dataclasses.dataclass(frozen=True)
class Resource(Generic[ContextT]):
    """Serves a controller in one API.

    :ivar context_factory: makes the context of a request from its environ
    :ivar answered: learns of each answer: the operation, as of the controller
        and the method or action, the status, and the seconds that it took
    :ivar validate_responses: check answers against their schemas
    """

    controller: wsgi_controller.Controller
    api: wsgi_api.Api
    context_factory: Callable[['wsgi.WSGIEnvironment'], ContextT]
    validate_responses: bool = False
    answered: Answered = unseen

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        chosen = negotiated(self.api, environ, self.respond)
        return chosen(environ, start_response)

    def respond(
        self, request: wsgi_request.Request[ContextT]
    ) -> webob.Response:
        """Answer a request whose version was negotiated."""
        begun = time.perf_counter()
        answer = _told(request, self._answer(request))
        name, _matched = request.environ[ROUTE_KEY]
        self.answered(
            f'{self.controller.name}:{name}',
            answer.status_code,
            time.perf_counter() - begun,
        )
        return answer

    def _answer(
        self, request: wsgi_request.Request[ContextT]
    ) -> webob.Response:
        api, environ = request.api, request.environ
        known = _NOTHING
        try:
            negotiation.require(request.version, api)
            handler, params, body = self._find(request)
            known = handler.facts
            result = handler(self.controller, request, params, body)
            if not isinstance(result, answers.Answer):
                result = answers.Answer(result)
            if self.validate_responses:
                _validate(handler, request, result.body)
            return _serialise(request, known.status, result)
        except exception.AggextException as error:
            status = known.status_of(error)
            if status is None:
                return faults.unexpected(api, environ, error)
            return faults.of_error(api, environ, error, status)
        except webob.exc.HTTPException:
            raise
        except Exception as error:
            return faults.unexpected(api, environ, error)

    def _find(
        self, request: wsgi_request.Request[ContextT]
    ) -> tuple[wsgi_controller.Handler, Mapping[str, str], Any]:
        """Find the handler of a request, its parameters and the body."""
        name, matched = request.environ[ROUTE_KEY]
        params = dict(matched)
        request.context = self.context_factory(request.environ)
        _require_project(request.context, params.pop('project_id', None))
        request.require_json()
        wanted = _wants_body(self.controller, name)
        body = request.content(wanted=wanted)
        table = self.controller.handlers
        if name == ACTION:
            table = self.controller.actions
            name = _action_of(body, table)
            request.environ[ROUTE_KEY] = name, matched
        handler = wsgi_controller.find(table, name, request.version)
        return handler, params, body


def negotiated(
    api: wsgi_api.Api,
    environ: 'wsgi.WSGIEnvironment',
    respond: Respond[ContextT],
) -> 'wsgi.WSGIApplication':
    """Negotiate the version of a request; give what answers it.

    :param respond: gives that, unless the version has no valid form
    """
    request: wsgi_request.Request[ContextT] = wsgi_request.Request(environ)
    request.api = api
    try:
        request.version = negotiation.negotiate(environ, api)
    except errors.InvalidAPIVersionString as error:
        return faults.of_error(api, environ, error)
    return respond(request)


def refuse(
    api: wsgi_api.Api,
    environ: 'wsgi.WSGIEnvironment',
    error: errors.RequestRefused,
) -> 'wsgi.WSGIApplication':
    """Give what answers a request that no resource serves."""

    def respond(request: wsgi_request.Request[Any]) -> webob.Response:
        return _told(request, faults.of_error(api, environ, error))

    return negotiated(api, environ, respond)


def _told(
    request: wsgi_request.Request[Any], answer: webob.Response
) -> webob.Response:
    """Let an answer tell what was negotiated."""
    api = request.api
    headers = negotiation.response_headers(
        api,
        request.version,
        # What has a tag may be kept, and says what chose it.
        by_type=len(api.media_types) > 1
        and request.environ['REQUEST_METHOD'] == 'GET'
        and answer.status_code < 400,
    )
    answer.headerlist.extend(headers)
    return answer


def _wants_body(controller: wsgi_controller.Controller, name: str) -> bool:
    if name == ACTION:
        return True
    return any(one.facts.body for one in controller.handlers[name])


def _action_of(body: Any, actions: wsgi_controller.Handlers) -> str:
    if not isinstance(body, dict) or len(body) != 1:
        raise errors.MalformedRequestBody(
            reason='an object with exactly one key is wanted'
        )
    name: str = next(iter(body))
    if name not in actions:
        raise errors.NoSuchAction(action=name)
    return name


def _require_project(context: Context, requested: str | None) -> None:
    if requested is not None and requested != context.project_id:
        raise errors.ProjectMismatch(requested=requested)


def _validate(
    handler: wsgi_controller.Handler,
    request: wsgi_request.Request[Any],
    result: Any,
) -> None:
    try:
        validation.run(handler.facts.answer, request.version, result)
    except errors.ValidationError as error:
        raise TypeError(f'{handler.name} answers wrongly: {error}') from error


def _serialise(
    request: wsgi_request.Request[Any], status: int, result: answers.Answer
) -> webob.Response:
    body = b'' if result.body is None else orjson.dumps(result.body)
    # The charset is left out, as Nova does on success.
    answer = webob.Response(
        status=result.status or status,
        body=body,
        content_type=request.best_type(),
    )
    if request.environ['REQUEST_METHOD'] == 'GET':
        tag = result.tag
        if tag is None and request.api.tags_answers:
            tag = conditional.digest(answer)
        if tag is not None:
            answer = conditional.apply(request, answer, tag)
    answer.headers.update(result.headers.items())
    return answer
