# SPDX-License-Identifier: Apache-2.0
"""Hosts with their zones and aggregates, to be read."""

import functools
from collections.abc import Sequence

from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import host_filters
from nova_aggext.api.host_aggregate import host_views
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import lists
from nova_aggext.api.host_aggregate import paging
from nova_aggext.api.host_aggregate import queries
from nova_aggext.api.host_aggregate import views
from nova_aggext.compute import host_search
from nova_aggext.policies import host_aggregate as policies
from nova_aggext.wsgi import validation

Request = request.Request

_USUAL = tuple(
    field for field in host_views.FIELDS if field != host_views.INSTANCES
)


class HostsController(wsgi.Controller):
    """Serves ``/os-aggext/hosts``."""

    routes = (
        wsgi.Route('GET', '/hosts', 'index'),
        wsgi.Route('GET', '/hosts/{name}', 'show'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._reader = services.host_reader
        self._most = services.limits.page
        self._filters = functools.partial(
            host_filters.of_hosts,
            hosts_per_pattern=services.limits.hosts_per_pattern,
        )
        self._fields = {'fields': queries.chosen(host_views.FIELDS)}
        self._parameters: dict[str, queries.Reader] = {
            **self._fields,
            **paging.parameters(self._most, ['name']),
        }

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def index(self, req: Request) -> wsgi.Answer:
        """List hosts."""
        given = req.query()
        asked = queries.read(given, self._parameters, self._filters)
        bound = paging.binding(given)
        wanted = self._wanted(asked, bound)
        req.context.can(policies.HOSTS_LIST)
        fields = asked.values.get('fields', _USUAL)
        found = self._reader.find_hosts(
            wanted, counted=host_views.INSTANCES in fields
        )
        base = links.base(req, self._prefix)
        following = None
        if found.has_more:
            marker = paging.marker(bound, [found.page[-1].name])
            following = links.following(f'{base}/hosts', given, marker)
        return lists.answer(
            {'hosts': [_shown(one, base, fields) for one in found.page]},
            None,
            count=found.count if asked.values.get('with_count') else None,
            following=following,
        )

    @wsgi.expected_errors(404)
    @validation.query_schema(queries.ANY, '1.0')
    def show(self, req: Request, name: str) -> wsgi.Answer:
        """Show one host."""
        chosen = queries.read(req.query(), self._fields).values.get('fields')
        fields = chosen or _USUAL
        req.context.can(policies.HOSTS_SHOW)
        found = self._reader.get_host(
            name.encode('latin-1').decode('utf-8', 'replace'),
            counted=host_views.INSTANCES in fields,
        )
        shown = _shown(found, links.base(req, self._prefix), fields)
        tag = None if chosen else shown['etag']
        return wsgi.Answer({'host': shown}, tag=tag)

    def _wanted(
        self, asked: queries.Query[host_search.Filter], bound: str
    ) -> host_search.Search:
        """Say what is asked for as the reader is asked."""
        given = asked.values
        ((_, descending),) = given.get('sort', [('name', False)])
        after = None
        if 'marker' in given:
            (after,) = paging.after(given['marker'], bound, [paging.text])
        return host_search.Search(
            filters=asked.filters,
            descending=descending,
            after=after,
            limit=given.get('limit', self._most),
        )


def _shown(
    found: host_search.Host, base: str, fields: Sequence[str]
) -> views.View:
    whole = host_views.host(found, base)
    return views.some_of(whole, fields, host_views.ALWAYS)
