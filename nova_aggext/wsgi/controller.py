# SPDX-License-Identifier: Apache-2.0
"""Controllers: methods with facts, and one guard for each."""

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any, ClassVar

from nova_aggext.wsgi import errors
from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import request as wsgi_request
from nova_aggext.wsgi import validation


# Name of the handler of a route whose request bodies name the handler.
ACTION = 'action'


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """One line of a route table: an HTTP method and path, and who serves it.

    ``handler`` is the name of a controller method, or ``ACTION`` where the one
    key of the request body names it.
    """

    method: str
    path: str
    handler: str


@dataclasses.dataclass(frozen=True, slots=True)
class Handler:
    """A controller method behind its guard."""

    name: str
    function: Callable[..., Any]
    facts: facts.Facts

    def __call__(
        self,
        controller: 'Controller',
        request: wsgi_request.Request[Any],
        params: Mapping[str, str],
        body: Any,
    ) -> Any:
        """Check body and query in the version asked for, then call."""
        arguments: dict[str, Any] = dict(params)
        version = request.version
        if self.facts.body:
            arguments['body'] = validation.run(
                self.facts.body,
                version,
                body,
                is_lenient=request.api.is_lenient,
            )
        # No schema wants a parameter to be there.
        if request.environ.get('QUERY_STRING'):
            self._check_query(request)
        return self.function(controller, request, **arguments)

    def _check_query(self, request: wsgi_request.Request[Any]) -> None:
        version = request.version
        checks = [one for one in self.facts.query if version in one.versions]
        if checks:
            validation.run(checks, version, request.query())
        elif request.api.refuses_queries:
            raise errors.ValidationError(
                detail='There are no query parameters here.',
                where='query',
                path=tuple(request.query())[:1],
            )


Handlers = Mapping[str, tuple[Handler, ...]]


class Controller:
    """Base of every controller.

    :ivar of_api: the API that it belongs to
    :cvar name: what it is called in metrics: what its paths begin with
    :cvar routes: what the controller serves, below the API's root; every
        path is served with a project id in front of it as well
    :cvar handlers: by method name, one handler for each range of versions
    :cvar actions: the same by the name of an action
    :raises TypeError: when a class is made in which two methods serve the
        same call in the same version, or a route names no method
    """

    of_api: wsgi_api.Api = nova.CURRENT
    name: ClassVar[str] = 'root'
    routes: ClassVar[tuple[Route, ...]] = ()
    handlers: ClassVar[Handlers] = {}
    actions: ClassVar[Handlers] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handlers: dict[str, tuple[Handler, ...]] = dict(cls.handlers)
        actions: dict[str, tuple[Handler, ...]] = dict(cls.actions)
        for name, member in vars(cls).items():
            declared = facts.of(member)
            if declared is None:
                continue
            handler = Handler(name, member, declared)
            if declared.action is not None:
                _add(actions, declared.action, handler)
            else:
                _add(handlers, declared.of or name, handler)
        cls.handlers, cls.actions = handlers, actions
        cls.name = _name_of(cls.routes)
        for route in cls.routes:
            if route.handler != ACTION and route.handler not in handlers:
                raise TypeError(f'{cls.__name__} has no {route.handler!r}')


def _name_of(routes: tuple[Route, ...]) -> str:
    """Give what paths begin with."""
    first = routes[0].path if routes else ''
    return first.strip('/').partition('/')[0] or 'root'


def find(
    handlers: Handlers, name: str, version: microversion.Version
) -> Handler:
    """Find what serves a call in a version.

    :raises VersionNotFoundForAPIMethod: where no version of it fits
    """
    for handler in handlers[name]:
        if version in handler.facts.versions:
            return handler
    raise errors.VersionNotFoundForAPIMethod(version=version)


def _add(
    table: dict[str, tuple[Handler, ...]], name: str, handler: Handler
) -> None:
    present = table.get(name, ())
    for other in present:
        if other.facts.versions.overlaps(handler.facts.versions):
            raise TypeError(
                f'{name!r} is served by {other.name} and {handler.name} in '
                'the same versions'
            )
    table[name] = (*present, handler)
