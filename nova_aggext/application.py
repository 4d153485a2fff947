# SPDX-License-Identifier: Apache-2.0
"""Composition root: services in, pipelines out."""

import dataclasses
import functools
import itertools
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from nova_aggext import context
from nova_aggext import policy
from nova_aggext import services as aggext_services
from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import versions
from nova_aggext.api.host_aggregate import api as host_aggregate
from nova_aggext.api.views import versions as version_views
from nova_aggext.wsgi import beneath as wsgi_beneath
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import resource
from nova_aggext.wsgi import router

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment


Resource: TypeAlias = resource.Resource[context.RequestContext]


class Application:
    """Serves with services: policy, controllers and routes of pipelines.

    Any number may serve with the same ones.

    :raises ConfigurationError: when a controller cannot be made
    """

    def __init__(self, services: aggext_services.Services) -> None:
        self._services = services
        self._conf = conf = services.conf
        self._policy = policy.Enforcer(conf)
        self._controllers = extensions.load(
            extensions.Services(
                conf,
                services.aggregate_api,
                services.reader,
                services.host_reader,
                services.change_api,
                services.feed,
                services.manager_api,
                services.limits,
            )
        )
        services.log_sources()

    def api(self, *, legacy: bool = False) -> 'WSGIApplication':
        """Make the standalone WSGI application of one API.

        :param legacy: the API without microversions, at /v2
        """
        self._policy.load()
        document = versions.VersionController(
            version_views.V20 if legacy else version_views.V21,
            self._conf.api.compute_link_prefix,
        )
        served = [*self._controllers, document]
        serve = self._legacy if legacy else self._current
        return self._serving(self._route(served, serve))

    def endpoint(self) -> 'WSGIApplication':
        """Make the WSGI application of the own API at its own endpoint.

        What is below the root of the API elsewhere is at the root there.
        """
        self._policy.load()
        served = (
            _at_own_endpoint(one, host_aggregate.ROOT, self._resource)
            for one in self._controllers
            if one.of_api.service_type == host_aggregate.SERVICE_TYPE
        )
        return self._serving(self._router(itertools.chain(*served)))

    def filter(self, beneath: 'WSGIApplication') -> 'WSGIApplication':
        """Make the WSGI application that stands in a pipeline of a Nova.

        Which of Nova's two APIs it is in follows from where the request is
        mounted. Whatever is not ours goes to ``beneath`` untouched.
        """
        self._policy.load()
        offer = wsgi_beneath.Offer(beneath)
        # Now, as this is no caller's business.
        offer.api()

        def overlay(one: wsgi.Controller) -> 'WSGIApplication':
            served = self._current(one)
            if one.of_api is not nova.CURRENT:
                return served
            return wsgi_beneath.Overlay(served, offer, beneath)

        both = wsgi_beneath.ByMount(
            current=self._route(self._controllers, overlay, beneath),
            legacy=self._route(self._controllers, self._legacy, beneath),
        )
        return self._serving(both)

    def _serving(self, app: 'WSGIApplication') -> 'WSGIApplication':
        """Let the first request of a process start what it delivers with.

        A process that only forks others must have no threads. The services
        are held as long as what is made here.
        """
        start = functools.partial(
            self._services.start, delivers=self._conf.aggext_outbox.relay
        )

        def serve(
            environ: 'WSGIEnvironment', start_response: 'StartResponse'
        ) -> Iterable[bytes]:
            start()
            return app(environ, start_response)

        return serve

    def _route(
        self,
        controllers: Iterable[wsgi.Controller],
        serve: Callable[[wsgi.Controller], 'WSGIApplication'],
        fallback: 'WSGIApplication | None' = None,
    ) -> 'WSGIApplication':
        """Make the router over controllers, each served as told."""
        resources = [
            router.Served(controller.of_api, route, served)
            for controller in controllers
            for served in [serve(controller)]
            for route in controller.routes
        ]
        return self._router(resources, fallback)

    def _router(
        self,
        resources: Iterable[router.Served],
        fallback: 'WSGIApplication | None' = None,
    ) -> 'WSGIApplication':
        pattern = self._conf.api.project_id_regex or router.PROJECT_ID
        return router.Router(resources, fallback, pattern)

    def _current(self, controller: wsgi.Controller) -> Resource:
        return self._resource(controller, controller.of_api)

    def _legacy(self, controller: wsgi.Controller) -> Resource:
        return self._resource(
            controller, nova.at_legacy_mount(controller.of_api)
        )

    def _resource(
        self, controller: wsgi.Controller, api: wsgi.Api
    ) -> Resource:
        return resource.Resource(
            controller=controller,
            api=api,
            context_factory=functools.partial(
                context.RequestContext.of_request,
                policy=self._policy.rules,
            ),
            answered=self._services.meters.answered,
            validate_responses=self._conf.aggext.validate_responses,
        )


def _at_own_endpoint(
    controller: wsgi.Controller,
    root: str,
    serve: Callable[[wsgi.Controller, wsgi.Api], Resource],
) -> Iterable[router.Served]:
    """Serve what is below the root of an API elsewhere."""
    api = controller.of_api
    if api.root is not None:
        api = dataclasses.replace(api, root='')
    served = serve(controller, api)
    for route in controller.routes:
        path = route.path.removeprefix(root)
        # Where it is mounted, with a slash and without.
        for spelling in (path,) if path else ('', '/'):
            there = dataclasses.replace(route, path=spelling)
            yield router.Served(api, there, served)
