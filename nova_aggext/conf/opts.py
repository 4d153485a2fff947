# SPDX-License-Identifier: Apache-2.0
"""Every option of the project, for the loader and the sample generator."""

from oslo_config import cfg

from nova_aggext.conf import aggext
from nova_aggext.conf import api
from nova_aggext.conf import api_database
from nova_aggext.conf import database
from nova_aggext.conf import wsgi

GROUPS: tuple[tuple[str, list[cfg.Opt]], ...] = (
    (aggext.GROUP, aggext.OPTS),
    (api.GROUP, api.OPTS),
    (api_database.GROUP, api_database.OPTS),
    (database.GROUP, database.OPTS),
    (wsgi.GROUP, wsgi.OPTS),
)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Give the options by group, as ``oslo-config-generator`` wants them."""
    return list(GROUPS)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make every option of the project known to ``conf``."""
    for group, opts in GROUPS:
        conf.register_opts(opts, group=group)
