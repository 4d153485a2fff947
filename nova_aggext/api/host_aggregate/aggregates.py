# SPDX-License-Identifier: Apache-2.0
"""Aggregates, to be read."""

import re

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import links
from nova_aggext.api.host_aggregate import views
from nova_aggext.db import records
from nova_aggext.policies import host_aggregate as policies

Request = request.Request

_ID = re.compile(r'[1-9][0-9]{0,18}', re.ASCII)
_UUID = re.compile(r'[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}')


class AggregatesController(wsgi.Controller):
    """Serves ``/os-aggext/aggregates``."""

    routes = (wsgi.Route('GET', '/aggregates/{one}', 'show'),)

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.serving(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._reader = services.reader

    @wsgi.expected_errors()
    def show(self, req: Request, one: str) -> wsgi.Answer:
        """Show one aggregate."""
        req.context.can(policies.AGGREGATES_SHOW)
        shown = views.aggregate(self._find(one), links.base(req, self._prefix))
        return wsgi.Answer({'aggregate': shown}, tag=shown['etag'])

    def _find(self, one: str) -> records.Aggregate:
        known = reference(one)
        if known is not None:
            try:
                return self._reader.get_aggregate(known)
            except exception.AggregateNotFound:
                pass
        raise errors.refused(
            404,
            'aggregate.not_found',
            f'There is no aggregate {one}.',
            aggregate=one,
        )


def reference(text: str) -> int | str | None:
    """Read an id or a uuid; None for what can be neither.

    Each has one spelling, so that every aggregate has two addresses.
    """
    if _ID.fullmatch(text):
        return int(text)
    return text if _UUID.fullmatch(text) else None
