# SPDX-License-Identifier: Apache-2.0
"""Changes, to be followed, searched and shown."""

from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import feed_queries
from nova_aggext.api.host_aggregate import feed_views
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import queries
from nova_aggext.compute import feed
from nova_aggext.policies import host_aggregate as policies
from nova_aggext.wsgi import validation

_FIELDS = {'fields': queries.chosen(feed_views.FIELDS)}

Request = request.Request
View = request.View


class FeedController(wsgi.Controller):
    """Serves ``/os-aggext/changes`` as far as it reads."""

    routes = (
        wsgi.Route('GET', '/changes', 'index'),
        wsgi.Route('GET', '/changes/{one}', 'show'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._feed = services.feed
        self._page = services.limits.page

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def index(self, req: Request) -> View:
        """List changes: after a position, or the newest first."""
        query = feed_queries.read(req.query(), self._page)
        req.context.can(policies.CHANGES_LIST)
        if query.is_sorted:
            return self._newest(req, query)
        part = self._feed.after(query.after, query.limit, query.filters)
        if query.after is not None and not part.reaches(query.after):
            raise _unreachable(query.after, part)
        return feed_views.part(part, query.fields)

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def show(self, req: Request, one: str) -> View:
        """Show a change."""
        fields = queries.read(req.query(), _FIELDS).values.get('fields')
        req.context.can(policies.CHANGES_SHOW)
        told = self._feed.find(one) if feed_queries.is_id(one) else None
        if told is None:
            raise errors.refused(
                404,
                'change.not_found',
                f'There is no change {one}.',
                change=one,
            )
        return {'change': feed_views.change(told, fields)}

    def _newest(self, req: Request, query: feed_queries.Query) -> View:
        part = self._feed.newest(query.place, query.limit, query.filters)
        shown = feed_views.part(part, query.fields)
        if not part.changes:
            return {**shown, 'links': []}
        following = links.following(
            f'{links.base(req, self._prefix)}/changes',
            req.query(),
            query.marker(part.changes[-1].entry),
        )
        return {**shown, 'links': [links.link('next', following)]}


def _unreachable(after: int, part: feed.Part) -> errors.Refused:
    if after > part.head:
        return errors.refused(
            400,
            'query.invalid',
            'The feed has not come to this position yet.',
            parameter='after',
        )
    return errors.refused(
        410,
        'changes.gone',
        'Some of the changes after this position are forgotten: list the '
        'aggregates again.',
        oldest=str(part.oldest),
    )
