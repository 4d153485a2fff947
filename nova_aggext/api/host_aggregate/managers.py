# SPDX-License-Identifier: Apache-2.0
"""Managers: each keeps some aggregates as its document says."""

import re
from collections.abc import Iterator
from typing import Any

from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import asking
from nova_aggext.api.host_aggregate import changes
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import lists
from nova_aggext.api.host_aggregate import manager_grammar
from nova_aggext.api.host_aggregate import manager_views
from nova_aggext.api.host_aggregate import paging
from nova_aggext.api.host_aggregate import permission
from nova_aggext.api.host_aggregate import queries
from nova_aggext.api.host_aggregate import sight
from nova_aggext.api.host_aggregate import views
from nova_aggext.compute.bulk import orders as bulk_orders
from nova_aggext.compute.managers import orders
from nova_aggext.db import managers
from nova_aggext.policies import host_aggregate as policies
from nova_aggext.wsgi import validation

Request = request.Request
View = request.View

_TAG = re.compile(r'(W/)?"([^"]*)"')
_SHOWN = {'fields': queries.chosen(manager_views.FIELDS)}


class ManagersController(wsgi.Controller):
    """Serves ``/os-aggext/managers``."""

    routes = (
        wsgi.Route('GET', '/managers', 'index'),
        wsgi.Route('GET', '/managers/{name}', 'show'),
        wsgi.Route('PUT', '/managers/{name}', 'put'),
        wsgi.Route('DELETE', '/managers/{name}', 'delete'),
    )

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._limits = services.limits
        self._managers = services.manager_api
        self._reader = services.reader
        self._parameters: dict[str, queries.Reader] = {
            'fields': queries.chosen(manager_views.BRIEF),
            **paging.parameters(services.limits.page, ['name']),
        }

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def index(self, req: Request) -> wsgi.Answer:
        """List managers, without their documents."""
        given = req.query()
        values = queries.read(given, self._parameters).values
        bound = paging.binding(given)
        after = None
        if 'marker' in values:
            (after,) = paging.after(values['marker'], bound, [paging.text])
        req.context.can(policies.MANAGERS_LIST)
        ((_, descending),) = values.get('sort', [('name', False)])
        every = self._managers.list_managers()
        if descending:
            every.reverse()
        left = list(_behind(every, after, descending=descending))
        page = left[: values.get('limit', self._limits.page)]
        base = links.base(req, self._prefix)
        following = None
        if len(left) > len(page):
            marker = paging.marker(bound, [page[-1].name])
            following = links.following(f'{base}/managers', given, marker)
        fields = values.get('fields', manager_views.BRIEF)
        return lists.answer(
            {'managers': [_shown(one, base, fields) for one in page]},
            None,
            count=len(every) if values.get('with_count') else None,
            following=following,
        )

    @wsgi.expected_errors()
    @validation.query_schema(queries.ANY, '1.0')
    def show(self, req: Request, name: str) -> wsgi.Answer:
        """Show what a manager applied last."""
        fields = queries.read(req.query(), _SHOWN).values.get('fields')
        req.context.can(policies.MANAGERS_SHOW)
        found = self._managers.get_manager(name) if _is_name(name) else None
        if found is None:
            raise _not_found(name)
        base = links.base(req, self._prefix)
        shown = _shown(found, base, fields or manager_views.FIELDS)
        tag = None if fields else found.etag
        return wsgi.Answer({'manager': shown}, tag=tag)

    @wsgi.expected_errors()
    @validation.query_schema(changes.QUERY, '1.0')
    @validation.schema(changes.BODY, '1.0')
    def put(self, req: Request, name: str, body: Any) -> wsgi.Answer:
        """Make aggregates what a manager wants, or plan it."""
        if not _is_name(name):
            raise errors.refused(
                400,
                'request.invalid',
                'The name of a manager is up to 63 small letters, digits, '
                'dots, dashes and underscores, and begins with one of the '
                'first two.',
                manager=name,
            )
        dry_run = changes.dry_run(req)
        application, asked = manager_grammar.parse(
            name, body, self._limits, _conditions(req)
        )
        _require(req, application)
        most = self._limits.aggregates_per_change
        order = asking.order(req, asked, body, most)
        work = self._managers.plan if dry_run else self._managers.apply
        seen = sight.Sight(req.context, self._reader.get_aggregates)
        with asking.refusing(seen):
            made = work(order, application)
        return self._answer(req, made, seen)

    @wsgi.expected_errors()
    @wsgi.response(204)
    def delete(self, req: Request, name: str) -> None:
        """Forget a manager and its claims; aggregates stay as they are."""
        req.context.can(policies.MANAGERS_DELETE)
        conditions = _conditions(req)
        is_done: bool | None = False
        if _is_name(name):
            is_done = self._managers.delete_manager(name, conditions)
        if is_done is None:
            raise errors.refused(
                412,
                'etag.mismatch',
                f'The document of manager {name} is another one.',
                manager=name,
            )
        if not is_done:
            raise _not_found(name)

    def _answer(
        self, req: Request, made: bulk_orders.Made, seen: sight.Sight
    ) -> wsgi.Answer:
        stored = made.stored
        if stored is None:
            raise TypeError('nothing is stored of a manager')
        found = stored.manager
        base = links.base(req, self._prefix)
        body = {
            'manager': manager_views.manager(found, base),
            'change': seen.change(made.document),
        }
        headers = {'ETag': f'"{found.etag}"'}
        if not stored.is_new:
            return wsgi.Answer(body, 200, headers)
        headers['Location'] = manager_views.address(found.name, base)
        return wsgi.Answer(body, 201, headers)


def _is_name(text: str) -> bool:
    return manager_grammar.is_name(text)


def _behind(
    every: list[managers.Manager], after: str | None, *, descending: bool
) -> Iterator[managers.Manager]:
    for one in every:
        if after is None or (
            one.name < after if descending else one.name > after
        ):
            yield one


def _shown(found: managers.Manager, base: str, fields: Any) -> View:
    whole = manager_views.manager(found, base)
    return views.some_of(whole, fields, manager_views.ALWAYS)


def _not_found(name: str) -> errors.Refused:
    return errors.refused(
        404, 'manager.not_found', f'There is no manager {name}.', manager=name
    )


def _conditions(req: Request) -> orders.Conditions:
    """Read what the stored document must be."""
    match = req.headers.get('If-Match')
    none_match = req.headers.get('If-None-Match')
    return orders.Conditions(
        None if match is None else _tags(match, weak=False),
        None if none_match is None else _tags(none_match, weak=True),
    )


def _tags(header: str, *, weak: bool) -> frozenset[str]:
    """Read entity tags; what has no valid form is none.

    :param weak: whether those count that are marked as weak
    """
    if header.strip() == '*':
        return frozenset('*')
    return frozenset(
        tag for mark, tag in _TAG.findall(header) if weak or not mark
    )


def _require(req: Request, application: orders.Application) -> None:
    """Let pass who may apply at all; what it does is asked once it is known.

    :raises Refused: with each rule that does not
    """
    needed = [(policies.MANAGERS_APPLY, manager_grammar.AT)]
    if application.wanted.force:
        at = f'{manager_grammar.AT}/force'
        needed.append((policies.MANAGERS_FORCE, at))
    permission.require_each(req.context, needed)
