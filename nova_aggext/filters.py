# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy factories of the filters in the standalone pipelines.

Apart from ``deploy``, as what is imported here leaves options of its own in
the process-wide configuration, where the drop-in filter leaves no trace.
"""

from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

import oslo_middleware
import oslo_middleware.cors
from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext import tracing
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


def _cors(app: 'App', conf: cfg.ConfigOpts) -> 'App':
    """Stand aside where no origin is allowed, but for OPTIONS requests.

    Those are answered by the middleware, whoever asks.
    """
    cors: oslo_middleware.cors.CORS = oslo_middleware.cors.CORS(app, conf)
    if cors.allowed_origins:
        return cors
    return _where(lambda env: env['REQUEST_METHOD'] == 'OPTIONS', cors, app)


def _http_proxy_to_wsgi(app: 'App', conf: cfg.ConfigOpts) -> 'App':
    """Stand aside where the headers of proxies are not to be believed."""
    proxied = oslo_middleware.HTTPProxyToWSGI(app, conf)
    believed = conf.oslo_middleware.enable_proxy_headers_parsing
    return proxied if believed else app


def _sizelimit(app: 'App', conf: cfg.ConfigOpts) -> 'App':
    """Stand aside where a body is not too long by what is told of it."""
    limiter = oslo_middleware.RequestBodySizeLimiter(app, conf)
    most = conf.oslo_middleware.max_request_body_size

    def fits(environ: 'wsgi.WSGIEnvironment') -> bool:
        told = environ.get('CONTENT_LENGTH') or '0'
        chunked = 'HTTP_TRANSFER_ENCODING' in environ
        return told.isdecimal() and int(told) <= most and not chunked

    return _where(fits, app, limiter)


def _where(
    wanted: 'Callable[[wsgi.WSGIEnvironment], bool]', app: 'App', other: 'App'
) -> 'App':
    """Make an application of two, of which one serves what is wanted."""

    def serve(
        environ: 'wsgi.WSGIEnvironment', start_response: 'wsgi.StartResponse'
    ) -> Iterable[bytes]:
        chosen = app if wanted(environ) else other
        answer: Iterable[bytes] = chosen(environ, start_response)
        return answer

    return serve


def _trace(app: 'App', conf: cfg.ConfigOpts) -> 'App':
    """Stand aside where nothing is to be traced."""
    options = conf.profiler
    if not options.enabled:
        return app
    return tracing.middleware(app, options.hmac_keys)


cors_factory = _configured(_cors)
http_proxy_to_wsgi_factory = _configured(_http_proxy_to_wsgi)
sizelimit_factory = _configured(_sizelimit)
trace_factory = _configured(_trace)
