# SPDX-License-Identifier: Apache-2.0
"""Which versions there are, and how much one request may ask for."""

import dataclasses

from nova_aggext import wsgi
from nova_aggext.api import extensions
from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api
from nova_aggext.api.host_aggregate import links

Request = request.Request
View = request.View


class DiscoveryController(wsgi.Controller):
    """Serves the root; whoever has a token may see it."""

    routes = (wsgi.Route('GET', api.ROOT, 'show'),)

    def __init__(self, services: extensions.Services) -> None:
        self.of_api = api.discovery(services.conf.aggext.help_url)
        self._prefix = services.conf.api.compute_link_prefix
        self._limits = services.limits

    @wsgi.expected_errors()
    def show(self, req: Request) -> View:
        """Show the versions and the limits."""
        offered = api.API.supported
        href = links.base(req, self._prefix)
        return {
            'versions': [
                {
                    'id': f'v{offered.maximum}',
                    'status': 'CURRENT',
                    'min_version': str(offered.minimum),
                    'max_version': str(offered.maximum),
                    'links': [links.link('self', href)],
                }
            ],
            'limits': dataclasses.asdict(self._limits),
        }
