# SPDX-License-Identifier: Apache-2.0
"""Controllers, loaded from the entry points ``nova_aggext.api.extensions``.

An entry point is called with the services and gives a ``wsgi.Controller``;
usually it is the controller's class.
"""

import dataclasses
import logging

from oslo_config import cfg

from nova_aggext import plugins
from nova_aggext import wsgi
from nova_aggext.compute import api
from nova_aggext.compute.bulk import api as bulk_api
from nova_aggext.compute import feed as compute_feed
from nova_aggext.compute import host_reader as compute_host_reader
from nova_aggext.compute import limits as compute_limits
from nova_aggext.compute import reader as compute_reader
from nova_aggext.compute.managers import api as manager_api

LOG = logging.getLogger(__name__)

NAMESPACE = 'nova_aggext.api.extensions'


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What a controller may use."""

    conf: cfg.ConfigOpts
    aggregate_api: api.AggregateAPI
    reader: compute_reader.Reader
    host_reader: compute_host_reader.HostReader
    change_api: bulk_api.ChangeAPI
    feed: compute_feed.Feed
    manager_api: manager_api.ManagerAPI
    limits: compute_limits.Limits = compute_limits.Limits()


def load(services: Services) -> list[wsgi.Controller]:
    """Make every installed controller, by the name of its entry point."""
    made = plugins.load_all(NAMESPACE, services)
    LOG.debug('Serving the API extensions %s', list(made))
    return list(made.values())
