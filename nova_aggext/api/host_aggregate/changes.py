# SPDX-License-Identifier: Apache-2.0
"""Changes of many aggregates: made, or planned."""

from collections.abc import Mapping
from typing import Any

from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import asking
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import feed_views
from nova_aggext.api.host_aggregate import grammar
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import references
from nova_aggext.api.host_aggregate import sight
from nova_aggext.compute.bulk import orders
from nova_aggext.wsgi import validation

Request = request.Request

# The grammar reads it whole, to tell all that is wrong at once.
BODY = {'type': 'object'}
_FLAGS = {'true': True, 'false': False}
QUERY = {
    'type': 'object',
    'properties': {'dry_run': {'type': 'array'}},
    'additionalProperties': False,
}


class ChangesController(wsgi.Controller):
    """Serves ``/os-aggext/changes`` as far as it writes."""

    routes = (
        wsgi.Route('POST', '/changes', 'create'),
        wsgi.Route('PUT', '/changes/{change_id}', 'put'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._limits = services.limits
        self._changes = services.change_api
        self._feed = services.feed
        self._reader = services.reader

    @wsgi.expected_errors()
    @validation.query_schema(QUERY, '1.0')
    @validation.schema(BODY, '1.0')
    def create(self, req: Request, body: Any) -> wsgi.Answer:
        """Make a change, or plan it."""
        return self._answer(req, body, None)

    @wsgi.expected_errors()
    @validation.query_schema(QUERY, '1.0')
    @validation.schema(BODY, '1.0')
    def put(self, req: Request, change_id: str, body: Any) -> wsgi.Answer:
        """Make a change once, however often it is asked for."""
        if not references.is_uuid(change_id):
            raise errors.refused(
                400,
                'request.invalid',
                'The id of a change is a uuid in its canonical form.',
                change=change_id,
            )
        return self._answer(req, body, change_id)

    def _answer(
        self, req: Request, body: Any, change_id: str | None
    ) -> wsgi.Answer:
        asked = grammar.parse(body, self._limits)
        most = self._limits.aggregates_per_change
        order = asking.order(req, asked, body, most, change_id)
        work = self._changes.plan if dry_run(req) else self._changes.make
        seen = sight.Sight(req.context, self._reader.get_aggregates)
        with asking.refusing(seen):
            made = work(order)
        body = {'change': seen.change(self._told(made))}
        return self._shown(req, made, body)

    def _told(self, made: orders.Made) -> Mapping[str, Any]:
        """Give the change; one that is repeated as it is by now."""
        told = None
        if made.is_repeated:
            told = self._feed.find(made.document['id'])
        if told is None:
            return made.document
        return feed_views.change(told, None)

    def _shown(
        self, req: Request, made: orders.Made, body: request.View
    ) -> wsgi.Answer:
        if not made.is_new:
            return wsgi.Answer(body)
        base = links.base(req, self._prefix)
        where = f'{base}/changes/{made.document["id"]}'
        return wsgi.Answer(body, 201, {'Location': where})


def dry_run(req: Request) -> bool:
    """Read the flag of the query; it is given once."""
    values: list[Any] = req.query().get('dry_run', ['false'])
    if len(values) != 1 or values[0] not in _FLAGS:
        raise errors.refused(
            400,
            'query.invalid',
            'dry_run must be true or false, and given once.',
            parameter='dry_run',
        )
    return _FLAGS[values[0]]
