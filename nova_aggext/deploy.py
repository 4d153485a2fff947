# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy: factories for every entry point, and the loader.

Each factory reads the configuration files that the paste option
``config_file`` names and the directories that ``config_dir`` names (several
separated by ``;``); without them, those that ``conf.find`` finds. Pipelines of
this process whose configuration is the same serve with the same services:
one nova-api has the filter in two.
"""

import logging
import os
import pathlib
import re
import sys
from collections.abc import Callable
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import prometheus_client
from oslo_config import cfg
from paste import deploy

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import exception
from nova_aggext import services as aggext_services
from nova_aggext import version
from nova_aggext.api import versions
from nova_aggext.api.views import versions as version_views
from nova_aggext.db import database as db_database
from nova_aggext.metrics import shown as metrics_shown
from nova_aggext.metrics import stored as metrics_stored
from nova_aggext.wsgi import middleware

if TYPE_CHECKING:
    from _typeshed import wsgi

    App = wsgi.WSGIApplication
    Filter = Callable[[App], App]

LOG = logging.getLogger(__name__)

Options = dict[str, str]

APIS = {'v2': version_views.V20, 'v2.1': version_views.V21}

# What makes a paste file one of the standalone server.
_SERVER = re.compile(r'^\[(app|composite|pipeline):aggext\]', re.MULTILINE)

# Where the paste file of the package is: installed, or in a source tree.
SHIPPED = (
    pathlib.Path(sys.prefix) / 'etc/nova-aggext',
    pathlib.Path(__file__).parents[1] / 'etc/nova-aggext',
)


def load(files: Sequence[str], dirs: Sequence[str] = ()) -> 'App':
    """Make the standalone server of its configuration.

    :param files: see ``conf.Sources``
    :param dirs: see ``conf.Sources``
    :raises ConfigurationError: when it cannot start as it is configured
    """
    conf = aggext_conf.load(files, dirs)
    paste_file = find_own_paste_file(conf)
    app: App = deploy.loadapp(
        f'config:{paste_file}',
        name='aggext',
        global_conf=_named(files, dirs),
    )
    return middleware.RootedPaths(app)


def load_filter(
    path: pathlib.Path,
    name: str,
    files: Sequence[str],
    dirs: Sequence[str] = (),
) -> 'Filter':
    """Make a filter of a paste file as a Nova's server does.

    :param files: to be read where the paste file names none; they would win
    :param dirs: the same of directories
    :raises ConfigurationError: when it cannot work as it is configured
    """
    made: Filter = deploy.loadfilter(
        f'config:{path}',
        name=name,
        global_conf=_named(files, dirs),
    )
    return made


def find_own_paste_file(conf: cfg.ConfigOpts) -> pathlib.Path:
    """Find the paste file of the standalone server.

    It is the configured one, unless that is Nova's, which a nova.conf names.

    :raises ConfigurationError: when it is in none of the places
    """
    configured = find_paste_file(conf)
    own = (
        place / 'api-paste.ini' for place in (aggext_conf.OWN_DIR, *SHIPPED)
    )
    for path in (configured, *own):
        if path.exists() and _SERVER.search(path.read_text()):
            return path
    raise exception.ConfigurationError(
        reason=f'There is no application "aggext" in {configured}; see '
        '[wsgi] api_paste_config.'
    )


def find_paste_file(conf: cfg.ConfigOpts) -> pathlib.Path:
    """Find the paste file that ``[wsgi] api_paste_config`` names.

    :raises ConfigurationError: when it is in none of the places
    """
    name = pathlib.Path(conf.wsgi.api_paste_config)
    files = map(pathlib.Path, aggext_conf.sources(conf).files)
    places = [path.absolute().parent for path in files]
    for place in (*places, aggext_conf.OWN_DIR, *SHIPPED):
        # An absolute name stays what it is.
        if (place / name).exists():
            return place / name
    raise exception.ConfigurationError(
        reason=f'There is no paste file {name}; see [wsgi] api_paste_config.'
    )


def aggregates_factory(global_conf: Options, **options: str) -> 'Filter':
    """Make the drop-in filter for the pipelines of a Nova.

    It belongs after ``authtoken keystonecontext``, in the pipeline of v2.1
    and in that of the legacy v2.
    """
    found = _SERVICES.of(configuration(global_conf, options))
    made = application.Application(found)
    LOG.info(
        'nova-aggext %s answers os-aggregates in this pipeline; hosts: %s',
        version.release(),
        found.conf.aggext.hosts,
    )
    return made.filter


def api_factory(
    global_conf: Options, api_version: str = 'v2.1', **options: str
) -> 'App':
    """Make the application of one API: ``v2.1`` or the legacy ``v2``."""
    found = _SERVICES.of(configuration(global_conf, options))
    made = application.Application(found)
    return made.api(legacy=_api(api_version) is version_views.V20)


def host_aggregate_factory(global_conf: Options, **options: str) -> 'App':
    """Make the application of the own API, at an endpoint of its own."""
    found = _SERVICES.of(configuration(global_conf, options))
    return application.Application(found).endpoint()


def metrics_factory(global_conf: Options, **options: str) -> 'App':
    """Make the application that shows metrics of those that serve."""
    services = _SERVICES.of(configuration(global_conf, options))
    database = monitored(global_conf, options)
    registry = prometheus_client.CollectorRegistry()
    registry.register(metrics_stored.Stored(database))
    registry.register(
        metrics_shown.Shown(services.meters, services.sample, os.environ)
    )
    app: App = prometheus_client.make_wsgi_app(registry)
    return app


def versions_factory(global_conf: Options, **options: str) -> 'App':
    """Make the application that lists the APIs."""
    conf = configuration(global_conf, options)
    return versions.Versions(conf.api.compute_link_prefix)


def discovery_factory(
    global_conf: Options, api_version: str = 'v2.1', **options: str
) -> 'Filter':
    """Make the filter that shows the version document of one API."""
    conf = configuration(global_conf, options)
    document = versions.document(
        _api(api_version),
        conf.api.compute_link_prefix,
        lambda environ: context.RequestContext.of_request(
            environ, context.Unrestricted
        ),
    )
    return lambda app: versions.Discovery(app, document)


def pipeline_factory(
    loader: Any, global_conf: Options, **options: str
) -> 'App':
    """Make the pipeline that ``[api] auth_strategy`` chooses.

    Its options are named like the strategies; each lists filters and, last,
    an application.
    """
    strategy = configuration(global_conf, options).api.auth_strategy
    names = options[strategy.removesuffix('2')].split()
    app: App = loader.get_app(names[-1], global_conf=global_conf)
    for name in reversed(names[:-1]):
        app = loader.get_filter(name, global_conf=global_conf)(app)
    return app


def monitored(global_conf: Options, options: Options) -> db_database.Database:
    """Make the database of a factory for one who only looks at it.

    It is nobody else's: who looks must not wait for connections that others
    hold, nor for a server that starts.
    """
    conf = configuration(global_conf, options)
    conf.set_override('max_retries', 0, 'api_database')
    return db_database.Database(conf, logs_start=True)


def serving() -> list[aggext_services.Services]:
    """Give the services that pipelines of this process serve with."""
    return _SERVICES.made()


def configuration(global_conf: Options, options: Options) -> cfg.ConfigOpts:
    """Read the configuration of a factory."""
    own = {name: value for name, value in options.items() if value}
    named = {**global_conf, **own}
    return aggext_conf.load(*aggext_conf.find_of_paste(os.environ, named))


# PasteDeploy calls factories one by one, and each knows only its options:
# what they have in common is kept here, as long as a pipeline holds it.
_SERVICES = aggext_services.Shared(aggext_services.Services)


def _named(files: Sequence[str], dirs: Sequence[str]) -> Options:
    """Name a configuration as paste options do."""
    named = {'config_file': ';'.join(files), 'config_dir': ';'.join(dirs)}
    return {name: value for name, value in named.items() if value}


def _api(api_version: str) -> version_views.ApiVersion:
    try:
        return APIS[api_version]
    except KeyError as error:
        raise exception.ConfigurationError(
            reason=f'The paste option api_version is {api_version!r}; it must '
            f'be one of {", ".join(APIS)}.'
        ) from error
