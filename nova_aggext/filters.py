# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy factories of the filters in the standalone pipelines.

Apart from ``deploy``, as what is imported here leaves options of its own in
the process-wide configuration, where the drop-in filter leaves no trace.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import oslo_middleware
import oslo_middleware.cors
from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import middleware

if TYPE_CHECKING:
    from _typeshed import wsgi

    App = wsgi.WSGIApplication
    Filter = Callable[[App], App]
    FilterFactory = Callable[..., Filter]

Options = dict[str, str]


def keystonecontext_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the filter that wants an identity from auth_token."""
    return middleware.KeystoneContext


def noauth_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the filter that believes every header. For a lab only."""
    return middleware.NoAuth


def faults_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the filter that answers for what went wrong beneath it."""
    return faults.FaultWrapper


def request_id_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the filter that gives every request an id."""
    return middleware.RequestId


def request_log_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the filter that logs every answer."""
    return middleware.RequestLog


def _configured(
    make: 'Callable[[App, cfg.ConfigOpts], App]',
) -> 'FilterFactory':
    """Make a filter factory of a middleware that reads our configuration."""

    def factory(global_conf: Options, **options: str) -> 'Filter':
        conf = deploy.configuration(global_conf, options)
        return lambda app: make(app, conf)

    return factory


cors_factory = _configured(oslo_middleware.cors.CORS)
http_proxy_to_wsgi_factory = _configured(oslo_middleware.HTTPProxyToWSGI)
sizelimit_factory = _configured(oslo_middleware.RequestBodySizeLimiter)
