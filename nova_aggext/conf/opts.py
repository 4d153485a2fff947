# SPDX-License-Identifier: Apache-2.0
"""Every option of the project, for the loader and the sample generator."""

from oslo_config import cfg

from nova_aggext.conf import aggext
from nova_aggext.conf import api
from nova_aggext.conf import api_database
from nova_aggext.conf import base
from nova_aggext.conf import database
from nova_aggext.conf import glance
from nova_aggext.conf import notifications
from nova_aggext.conf import outbox
from nova_aggext.conf import placement
from nova_aggext.conf import profiler
from nova_aggext.conf import wsgi

DEFAULT = base.GROUP

GROUPS: tuple[tuple[str, list[cfg.Opt]], ...] = (
    (base.GROUP, base.OPTS),
    (aggext.GROUP, aggext.OPTS),
    (outbox.GROUP, outbox.OPTS),
    (api.GROUP, api.OPTS),
    (api_database.GROUP, api_database.OPTS),
    (database.GROUP, database.OPTS),
    (glance.GROUP, glance.OPTS),
    (notifications.GROUP, notifications.OPTS),
    (placement.GROUP, placement.OPTS),
    (profiler.GROUP, profiler.OPTS),
    (wsgi.GROUP, wsgi.OPTS),
)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Give the options by group, as ``oslo-config-generator`` wants them."""
    return list(GROUPS)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make every option of the project known to ``conf``."""
    for group, opts in GROUPS:
        conf.register_opts(opts, group=None if group == DEFAULT else group)
