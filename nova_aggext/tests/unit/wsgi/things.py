# SPDX-License-Identifier: Apache-2.0
"""An API of which the kit knows nothing, to be served beside Nova's."""

import dataclasses
import json
from typing import Any

import webob

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api import aggregates
from nova_aggext.api import extensions
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import controller
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import resource
from nova_aggext.wsgi import router
from nova_aggext.wsgi import validation

VERSION = negotiation.HEADER
ROOT = '/os-things'
PUT = {
    'type': 'object',
    'properties': {'size': {'type': 'integer'}},
    'additionalProperties': False,
}
QUERY = {
    'type': 'object',
    'properties': {'limit': {'items': {'pattern': '^[0-9]+$'}}},
    'additionalProperties': False,
}


class Refused(exception.Conflict):
    """Carries what a machine may want to know."""

    msg_fmt = 'Thing {thing} is in use.'


def fault(failure: wsgi.Failure) -> dict[str, Any]:
    """Give a list of errors, each with all that the error knows."""
    known = {} if failure.error is None else failure.error.kwargs
    told = {
        'status': failure.status,
        'detail': failure.message,
        'request_id': failure.request_id,
    }
    return {'errors': [{key: str(known[key]) for key in known} | told]}


def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that comes twice."""
    if len(dict(members)) < len(members):
        raise json.JSONDecodeError('a key comes twice', '', 0)
    return dict(members)


OWN = wsgi.Api(
    service_type='thing',
    supported=microversion.Range.parse('1.0', '2.0'),
    fault=fault,
    root=ROOT,
    loads=lambda body: json.loads(body, object_pairs_hook=pairs),
    refuses_queries=True,
)
# Of whatever version is asked for, and served where the other is not.
DISCOVERY = dataclasses.replace(OWN, root=None, has_microversions=False)


class Things(wsgi.Controller):
    """Serves things in an API of their own."""

    of_api = OWN
    routes = (
        wsgi.Route('GET', '/things', 'index'),
        wsgi.Route('GET', '/things/{id}', 'show'),
        wsgi.Route('PUT', '/things/{uuid}', 'put'),
    )

    @wsgi.expected_errors()
    @validation.query_schema(QUERY, '1.0')
    def index(self, req: wsgi.Request[Any]) -> Any:
        """Give the query back."""
        return {'version': str(req.version), 'query': req.query()}

    @wsgi.expected_errors(404, 409)
    def show(self, req: wsgi.Request[Any], id: str) -> Any:
        """Show one with a tag of its own, or fail."""
        if id == 'used':
            raise Refused(thing=id)
        if id == 'broken':
            raise ArithmeticError(id)
        return wsgi.Answer({'id': id}, tag=f'tag-of-{id}')

    @wsgi.api_version('1.1')
    @wsgi.expected_errors(400)
    @validation.schema(PUT, '1.1')
    def put(self, req: wsgi.Request[Any], uuid: str, body: Any) -> Any:
        """Make or change one."""
        if uuid == 'old':
            return body
        headers = {'Location': f'{ROOT}/things/{uuid}'}
        return wsgi.Answer(body, 201, headers)


class Discovery(wsgi.Controller):
    """Shows which versions there are."""

    of_api = DISCOVERY
    routes = (wsgi.Route('GET', ROOT, 'show'),)

    @wsgi.expected_errors()
    def show(self, req: wsgi.Request[Any]) -> Any:
        """Show them."""
        return {'max_version': str(OWN.supported.maximum)}


@dataclasses.dataclass
class Caller:
    """All that the kit and the controllers want to know."""

    project_id: str = 'abc'

    def can(self, rule: str, target: object = None) -> None:
        """Let everybody do everything."""


class NoAggregates:
    """The use cases, where there is nothing."""

    def get_aggregate_list(
        self, who: object, *, owner: str | None
    ) -> list[Any]:
        """Give nothing."""
        return []


class ApisTestCase(base.TestCase):
    """Both APIs, alone and above a Nova."""

    def setUp(self) -> None:
        super().setUp()
        self.nova = stubs.Wsgi(headers={nova.VERSION_HEADER: '2.90'})
        services = extensions.Services(
            None,  # type: ignore[arg-type]
            NoAggregates(),  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
        )
        self.controllers = (
            Things(),
            aggregates.AggregateController(services),
            Discovery(),
        )
        self.app: Any = self.make()

    def make(self) -> Any:
        """Make the standalone application."""
        return self.route(lambda one: self.serve(one, one.of_api), None)

    def serve(
        self, one: controller.Controller, api: wsgi.Api
    ) -> resource.Resource[Any]:
        """Serve a controller in an API."""
        return resource.Resource(one, api, lambda environ: Caller())

    def route(self, serve: Any, fallback: Any) -> router.Router:
        """Route to controllers, each served as told."""
        return router.Router(
            [
                router.Served(one.of_api, route, serve(one))
                for one in self.controllers
                for route in one.routes
            ],
            fallback,
        )

    def send(self, path: str, **options: Any) -> webob.Response:
        """Send a request."""
        mount = options.pop('mount', '/v2.1')
        sent = webob.Request.blank(path, **options)
        sent.script_name = mount
        sent.environ['openstack.request_id'] = 'req-1'
        return sent.get_response(self.app)

    def error(self, status: int, path: str, **options: Any) -> Any:
        """Send a request that fails; give what is told of it."""
        answer = self.send(path, **options)
        self.assertEqual(status, answer.status_int)
        self.assertIn('errors', answer.json)
        self.assertEqual(VERSION, answer.headers.get('Vary', VERSION))
        self.assertNotIn(nova.VERSION_HEADER, answer.headers)
        (told,) = answer.json['errors']
        self.assertEqual(status, told['status'])
        self.assertEqual('req-1', told['request_id'])
        return told
