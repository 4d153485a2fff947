# SPDX-License-Identifier: Apache-2.0
"""Aggregates, to be read."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import permission
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import filters
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import lists
from nova_aggext.api.host_aggregate import paging
from nova_aggext.api.host_aggregate import queries
from nova_aggext.api.host_aggregate import references
from nova_aggext.api.host_aggregate import views
from nova_aggext.compute import reader
from nova_aggext.db import claims
from nova_aggext.db import records
from nova_aggext.db import search
from nova_aggext.policies import host_aggregate as policies
from nova_aggext.wsgi import validation

Key = search.Key
Request = request.Request

# What a marker may hold, by sort key.
_KINDS: Mapping[Key, paging.Kind] = {
    Key.ID: paging.number,
    Key.NAME: paging.text,
    Key.ZONE: paging.text,
    Key.HOST_COUNT: paging.number,
    Key.CREATED_AT: paging.moment,
    Key.UPDATED_AT: paging.moment,
}


class AggregatesController(wsgi.Controller):
    """Serves ``/os-aggext/aggregates``."""

    routes = (
        wsgi.Route('GET', '/aggregates', 'index'),
        wsgi.Route('GET', '/aggregates/{one}', 'show'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._most = services.limits.page
        self._reader = services.reader
        self._fields = {'fields': queries.chosen(views.FIELDS)}
        self._parameters: dict[str, queries.Reader] = {
            **self._fields,
            **paging.parameters(self._most, [key.value for key in Key]),
        }

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def index(self, req: Request) -> wsgi.Answer:
        """List aggregates, or those that the caller's project owns."""
        given = req.query()
        asked = queries.read(given, self._parameters, filters.of_aggregates)
        bound = paging.binding(given)
        wanted = self._wanted(asked, bound)
        owner = permission.owner(req.context, policies.AGGREGATES_LIST)
        fields = asked.values.get('fields', views.USUAL)
        found = self._reader.find_aggregates(
            _owned(wanted, owner),
            counted=asked.values.get('with_count', False),
            claimed=views.CLAIMS in fields,
        )
        base = links.base(req, self._prefix)
        shown = [
            views.some_of(
                views.aggregate(one, base, found.claims.get(one.id, ())),
                fields,
            )
            for one in found.page
        ]
        following = None
        if found.last is not None:
            marker = paging.marker(bound, found.last)
            following = links.following(f'{base}/aggregates', given, marker)
        return lists.answer(
            {'aggregates': shown},
            _position(req, found),
            count=found.count,
            following=following,
        )

    @wsgi.expected_errors(404)
    @validation.query_schema(queries.ANY, '1.0')
    def show(self, req: Request, one: str) -> wsgi.Answer:
        """Show one aggregate."""
        chosen = queries.read(req.query(), self._fields).values.get('fields')
        fields = chosen or views.USUAL
        found = permission.show(
            req.context,
            policies.AGGREGATES_SHOW,
            lambda _annotated: self._find(one),
            one,
        )
        held: Iterable[claims.Holding] = ()
        if views.CLAIMS in fields:
            held = self._reader.get_claims(found.id)
        base = links.base(req, self._prefix)
        whole = views.aggregate(found, base, held)
        shown = {'aggregate': views.some_of(whole, fields)}
        return wsgi.Answer(shown, tag=None if chosen else whole['etag'])

    def _wanted(
        self, asked: queries.Query[search.Filter], bound: str
    ) -> search.Search:
        """Say what is asked for as the database is asked."""
        given = [
            search.Order(Key(name), descending)
            for name, descending in asked.values.get('sort', ())
        ]
        if Key.ID not in [one.key for one in given]:
            given.append(search.Order(Key.ID))
        after = None
        if 'marker' in asked.values:
            kinds = [_KINDS[one.key] for one in given]
            after = paging.after(asked.values['marker'], bound, kinds)
        return search.Search(
            filters=asked.filters,
            order=tuple(given),
            after=after,
            limit=asked.values.get('limit', self._most),
        )

    def _find(self, one: str) -> records.Aggregate:
        known = references.aggregate(one)
        if known is None:
            raise exception.AggregateNotFound(aggregate_id=one)
        return self._reader.get_aggregate(known)


def _owned(wanted: search.Search, owner: str | None) -> search.Search:
    """Leave out what others own, if there is an owner.

    The database does, so that nothing of it shows: no number, no place in an
    order, no page.
    """
    if owner is None:
        return wanted
    own = search.Filter(search.Field.OWNER, search.Operator.EQ, (owner,))
    return dataclasses.replace(wanted, filters=(*wanted.filters, own))


def _position(req: Request, found: reader.Aggregates) -> int | None:
    """Give the position of the feed to who may follow it.

    It moves with every change, also of what the caller may not see.
    """
    if permission.may(req.context, policies.CHANGES_LIST):
        return found.position
    return None
