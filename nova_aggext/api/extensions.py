# SPDX-License-Identifier: Apache-2.0
"""Controllers, loaded from the entry points ``nova_aggext.api.extensions``.

An entry point is called with the services and gives a ``wsgi.Controller``;
usually it is the controller's class.
"""

import dataclasses
import logging

from oslo_config import cfg
from stevedore import extension

from nova_aggext import wsgi
from nova_aggext.compute import api

LOG = logging.getLogger(__name__)

NAMESPACE = 'nova_aggext.api.extensions'


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What a controller may use."""

    conf: cfg.ConfigOpts
    aggregate_api: api.AggregateAPI


def load(services: Services) -> list[wsgi.Controller]:
    """Make every installed controller, by the name of its entry point.

    A package whose entry point cannot be loaded keeps the server from
    starting: an API that lacks a part in silence helps nobody.
    """
    manager: extension.ExtensionManager[wsgi.Controller]
    manager = extension.ExtensionManager(
        NAMESPACE,
        invoke_on_load=True,
        invoke_args=(services,),
        on_load_failure_callback=_fail,
    )
    LOG.debug('Serving the API extensions %s', sorted(manager.names()))
    by_name = sorted(manager, key=lambda loaded: loaded.name)
    return [one.obj for one in by_name if one.obj is not None]


def _fail(
    _manager: object, _entry_point: object, error: BaseException
) -> None:
    raise error
