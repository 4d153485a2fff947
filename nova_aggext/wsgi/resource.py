# SPDX-License-Identifier: Apache-2.0
"""The WSGI application of one controller: find the method, call, serialise."""

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.wsgi import conditional
from nova_aggext.wsgi import controller as wsgi_controller
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import microversion
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


@dataclasses.dataclass(frozen=True)
class Resource(Generic[ContextT]):
    """Serves a controller in one API.

    :ivar context_factory: makes the context of a request from its environ
    :ivar supported: the microversions offered; None for the legacy API, which
        has none and ignores the headers (case v2-version-ignored)
    :ivar validate_responses: check answers against their schemas
    """

    controller: wsgi_controller.Controller
    context_factory: Callable[['wsgi.WSGIEnvironment'], ContextT]
    supported: microversion.Range | None = microversion.SUPPORTED
    validate_responses: bool = False

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        request: wsgi_request.Request[ContextT]
        request = wsgi_request.Request(environ)
        try:
            request.version = self._negotiate(request)
        except exception.AggextException as error:
            answer = faults.of_error(error, error.code, environ)
        else:
            answer = self._answer(request)
            headers = microversion.response_headers(
                None if self.supported is None else request.version,
                # What has a tag may be kept, and says what chose it.
                by_type=environ['REQUEST_METHOD'] == 'GET'
                and answer.status_code < 400,
            )
            answer.headerlist.extend(headers)
        return answer(environ, start_response)

    def _negotiate(
        self, request: wsgi_request.Request[ContextT]
    ) -> microversion.Version:
        if self.supported is None:
            return microversion.LEGACY
        return microversion.negotiate(request.headers, self.supported)

    def _answer(
        self, request: wsgi_request.Request[ContextT]
    ) -> webob.Response:
        known = _NOTHING
        try:
            if self.supported is not None:
                microversion.require(request.version, self.supported)
            handler, params, body = self._find(request)
            known = handler.facts
            result = handler(self.controller, request, params, body)
            if self.validate_responses:
                _validate(handler, request, result)
            return _serialise(request, known.status, result)
        except exception.AggextException as error:
            status = known.status_of(error)
            if status is None:
                return faults.unexpected(error, request.environ)
            return faults.of_error(error, status, request.environ)
        except webob.exc.HTTPException:
            raise
        except Exception as error:
            return faults.unexpected(error, request.environ)

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
        handler = wsgi_controller.find(table, name, request.version)
        return handler, params, body


def _wants_body(controller: wsgi_controller.Controller, name: str) -> bool:
    if name == ACTION:
        return True
    return any(one.facts.body for one in controller.handlers[name])


def _action_of(body: Any, actions: wsgi_controller.Handlers) -> str:
    if not isinstance(body, dict) or len(body) != 1:
        raise exception.MalformedRequestBody(
            reason='an object with exactly one key is wanted'
        )
    name: str = next(iter(body))
    if name not in actions:
        raise exception.NoSuchAction(action=name)
    return name


def _require_project(context: Context, requested: str | None) -> None:
    if requested is not None and requested != context.project_id:
        raise exception.ProjectMismatch(requested=requested)


def _validate(
    handler: wsgi_controller.Handler,
    request: wsgi_request.Request[Any],
    result: Any,
) -> None:
    try:
        validation.run(handler.facts.answer, request.version, result)
    except exception.ValidationError as error:
        raise TypeError(f'{handler.name} answers wrongly: {error}') from error


def _serialise(
    request: wsgi_request.Request[Any], status: int, result: Any
) -> webob.Response:
    body = b'' if result is None else orjson.dumps(result)
    # The charset is left out, as Nova does on success.
    kind = request.best_type()
    answer = webob.Response(status=status, body=body, content_type=kind)
    if request.method == 'GET':
        return conditional.apply(request, answer)
    return answer
