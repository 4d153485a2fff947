# SPDX-License-Identifier: Apache-2.0
"""Composition root: configuration in, everything wired."""

import functools
import logging
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import delivery
from nova_aggext import hosts
from nova_aggext import policy
from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import versions
from nova_aggext.api.views import versions as version_views
from nova_aggext.compute import api
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.wsgi import beneath as wsgi_beneath
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import resource
from nova_aggext.wsgi import router

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

LOG = logging.getLogger(__name__)


class Application:
    """One instance of the API with all it owns; any number may live.

    :raises ConfigurationError: when it is not configured to work, or the
        database lacks tables or columns
    :raises DatabaseUnavailable: when the database cannot be reached
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.conf = conf
        self.database = db_database.Database(conf)
        schema.require_current(self.database)
        schema.require_nova_columns(self.database)
        self.policy = policy.Enforcer(conf)
        self.hosts = hosts.load(conf, self.database)
        self.delivery = delivery.Delivery(conf, self.database, self.hosts)
        self.aggregate_api = api.AggregateAPI(
            self.database,
            self.hosts,
            self.delivery.outbox,
            self.delivery.images,
            list_from_replica=conf.aggext.list_from_replica,
        )
        self.controllers = extensions.load(
            extensions.Services(conf, self.aggregate_api)
        )
        # Who cannot start says why, in one line.
        read = ', '.join(aggext_conf.places(conf))
        LOG.info('The configuration was read from: %s', read or 'nowhere')

    def api(self, *, legacy: bool = False) -> 'WSGIApplication':
        """Make the standalone WSGI application of one API.

        :param legacy: the API without microversions, at /v2
        """
        self.policy.load()
        supported = None if legacy else microversion.SUPPORTED
        document = versions.VersionController(
            version_views.V20 if legacy else version_views.V21,
            self.conf.api.compute_link_prefix,
        )
        return self._delivering(
            self._route(
                [*self.controllers, document],
                lambda one: self._resource(one, supported),
            )
        )

    def filter(self, beneath: 'WSGIApplication') -> 'WSGIApplication':
        """Make the WSGI application that stands in a pipeline of a Nova.

        Which of the two APIs it is in follows from where the request is
        mounted. Whatever is not ours goes to ``beneath`` untouched.
        """
        self.policy.load()
        offer = wsgi_beneath.Offer(beneath)
        # Now, as this is no caller's business.
        offer.supported()

        def overlay(one: wsgi.Controller) -> 'WSGIApplication':
            make = functools.cache(functools.partial(self._resource, one))
            return wsgi_beneath.Overlay(make, offer, beneath)

        def legacy(one: wsgi.Controller) -> 'WSGIApplication':
            return self._resource(one, None)

        both = wsgi_beneath.ByMount(
            current=self._route(self.controllers, overlay, beneath),
            legacy=self._route(self.controllers, legacy, beneath),
        )
        return self._delivering(both)

    def close(self) -> None:
        """Give back everything that is held."""
        self.delivery.close()
        self.hosts.close()
        self.database.close()

    def _delivering(self, app: 'WSGIApplication') -> 'WSGIApplication':
        """Let the first request of a process start what it delivers with.

        A process that only forks others must have no threads.
        """
        if not self.conf.aggext_outbox.relay:
            return app

        def serve(
            environ: 'WSGIEnvironment', start_response: 'StartResponse'
        ) -> Iterable[bytes]:
            self.delivery.start()
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
            (route, served)
            for controller in controllers
            for served in [serve(controller)]
            for route in controller.routes
        ]
        pattern = self.conf.api.project_id_regex or router.PROJECT_ID
        return router.Router(resources, fallback, pattern)

    def _resource(
        self, controller: wsgi.Controller, supported: microversion.Range | None
    ) -> 'WSGIApplication':
        return resource.Resource(
            controller=controller,
            context_factory=functools.partial(
                context.RequestContext.of_request,
                authorize=self.policy.authorize,
            ),
            supported=supported,
            validate_responses=self.conf.aggext.validate_responses,
        )
