# SPDX-License-Identifier: Apache-2.0
"""Host aggregates."""

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import permission
from nova_aggext.api import request
from nova_aggext.api.schemas import aggregates as schemas
from nova_aggext.api.views import aggregates as views
from nova_aggext.compute import api
from nova_aggext.policies import aggregates as policies
from nova_aggext.wsgi import validation

Request = request.Request
Body = request.Body
View = request.View
Permit = api.Permit


class AggregateController(wsgi.Controller):
    """Serves ``/os-aggregates``."""

    routes = (
        wsgi.Route('GET', '/os-aggregates', 'index'),
        wsgi.Route('POST', '/os-aggregates', 'create'),
        wsgi.Route('GET', '/os-aggregates/{id}', 'show'),
        wsgi.Route('PUT', '/os-aggregates/{id}', 'update'),
        wsgi.Route('DELETE', '/os-aggregates/{id}', 'delete'),
        wsgi.Route('POST', '/os-aggregates/{id}/action', 'action'),
        wsgi.Route('POST', '/os-aggregates/{id}/images', 'images'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.api = services.aggregate_api

    @wsgi.expected_errors()
    @validation.query_schema(schemas.ANY_QUERY, '2.0', '2.101')
    @validation.query_schema(schemas.NO_QUERY, '2.102')
    @validation.response_body_schema(schemas.LISTED, '2.0', '2.40')
    @validation.response_body_schema(schemas.LISTED_V241, '2.41')
    def index(self, req: Request) -> View:
        """List all aggregates, or those of the caller's project."""
        owner = permission.owner(req.context, policies.INDEX)
        found = self.api.get_aggregate_list(req.context, owner=owner)
        return views.index(found, req.version)

    @wsgi.expected_errors(400, 409)
    @validation.schema(schemas.CREATE_V20, '2.0', '2.0')
    @validation.schema(schemas.CREATE, '2.1')
    @validation.response_body_schema(schemas.CREATED, '2.0', '2.40')
    @validation.response_body_schema(schemas.CREATED_V241, '2.41')
    def create(self, req: Request, body: Body) -> View:
        """Make an aggregate."""
        wanted = _stripped(body['aggregate'])
        name, zone = wanted['name'], wanted.get('availability_zone')
        req.context.can(policies.CREATE, permission.target_of(name, zone))
        made = self.api.create_aggregate(req.context, name, zone)
        return views.created(made, req.version)

    @wsgi.expected_errors(400, 404)
    @validation.query_schema(schemas.ANY_QUERY, '2.0', '2.101')
    @validation.query_schema(schemas.NO_QUERY, '2.102')
    @validation.response_body_schema(schemas.SHOWN, '2.0', '2.40')
    @validation.response_body_schema(schemas.SHOWN_V241, '2.41')
    def show(self, req: Request, id: str) -> View:
        """Show one aggregate."""
        found = permission.show(
            req.context, policies.SHOW, self._finding(req, id), id
        )
        return views.show(found, req.version)

    @wsgi.expected_errors(400, 404, 409)
    @validation.schema(schemas.UPDATE_V20, '2.0', '2.0')
    @validation.schema(schemas.UPDATE, '2.1')
    @validation.response_body_schema(schemas.SHOWN, '2.0', '2.40')
    @validation.response_body_schema(schemas.SHOWN_V241, '2.41')
    def update(self, req: Request, id: str, body: Body) -> View:
        """Change name or zone of an aggregate."""
        permit = self._require(req, policies.UPDATE, id)
        changed = self.api.update_aggregate(
            req.context,
            request.aggregate_id(id),
            _stripped(body['aggregate']),
            written=id,
            permit=permit,
        )
        return views.show(changed, req.version)

    @wsgi.expected_errors(400, 404)
    @validation.response_body_schema(schemas.NOTHING, '2.0')
    def delete(self, req: Request, id: str) -> None:
        """Delete an aggregate that has no hosts."""
        permit = self._require(req, policies.DELETE, id)
        self.api.delete_aggregate(
            req.context, request.aggregate_id(id), written=id, permit=permit
        )

    @wsgi.expected_errors(400, 404, 409)
    @wsgi.action('add_host')
    @validation.schema(schemas.ADD_HOST, '2.0')
    @validation.response_body_schema(schemas.SHOWN, '2.0', '2.40')
    @validation.response_body_schema(schemas.SHOWN_V241, '2.41')
    def _add_host(self, req: Request, id: str, body: Body) -> View:
        """Add a host to an aggregate."""
        permit = self._require(req, policies.ADD_HOST, id)
        changed = self.api.add_host_to_aggregate(
            req.context,
            request.aggregate_id(id),
            body['add_host']['host'],
            written=id,
            permit=permit,
        )
        return views.show(changed, req.version)

    @wsgi.expected_errors(
        400,
        404,
        409,
        mapping={exception.InvalidAggregateActionDelete: 409},
    )
    @wsgi.action('remove_host')
    @validation.schema(schemas.REMOVE_HOST, '2.0')
    @validation.response_body_schema(schemas.SHOWN, '2.0', '2.40')
    @validation.response_body_schema(schemas.SHOWN_V241, '2.41')
    def _remove_host(self, req: Request, id: str, body: Body) -> View:
        """Take a host out of an aggregate."""
        permit = self._require(req, policies.REMOVE_HOST, id)
        changed = self.api.remove_host_from_aggregate(
            req.context,
            request.aggregate_id(id),
            body['remove_host']['host'],
            written=id,
            permit=permit,
        )
        return views.show(changed, req.version)

    @wsgi.expected_errors(400, 404)
    @wsgi.action('set_metadata')
    @validation.schema(schemas.SET_METADATA, '2.0')
    @validation.response_body_schema(schemas.SHOWN, '2.0', '2.40')
    @validation.response_body_schema(schemas.SHOWN_V241, '2.41')
    def _set_metadata(self, req: Request, id: str, body: Body) -> View:
        """Add, change and remove metadata of an aggregate."""
        permit = self._require(req, policies.SET_METADATA, id)
        changed = self.api.update_aggregate_metadata(
            req.context,
            request.aggregate_id(id),
            body['set_metadata']['metadata'],
            written=id,
            permit=permit,
        )
        return views.show(changed, req.version)

    @wsgi.api_version('2.81')
    @wsgi.response(202)
    @wsgi.expected_errors(400, 404)
    @validation.schema(schemas.IMAGES, '2.81')
    @validation.response_body_schema(schemas.NOTHING, '2.81')
    def images(self, req: Request, id: str, body: Body) -> None:
        """Ask the hosts of an aggregate to cache images."""
        permit = self._require(req, policies.IMAGES, id)
        image_ids = [image['id'] for image in body['cache']]
        self.api.cache_images(
            req.context, request.aggregate_id(id), image_ids, permit=permit
        )

    def _require(self, req: Request, rule: str, id: str) -> Permit | None:
        return permission.require(req.context, rule, self._finding(req, id))

    def _finding(self, req: Request, id: str) -> permission.Find:
        """Give what finds the aggregate of a path."""
        return lambda annotated: self.api.get_aggregate(
            req.context, request.aggregate_id(id), annotated=annotated
        )


def _stripped(values: Body) -> Body:
    """Take blanks off both ends, where the schema lets them pass."""
    return {
        key: value.strip() if isinstance(value, str) else value
        for key, value in values.items()
    }
