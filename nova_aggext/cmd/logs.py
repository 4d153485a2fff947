# SPDX-License-Identifier: Apache-2.0
"""The log of a process of our own, by oslo.log."""

import warnings
from collections.abc import Sequence

from oslo_log import log

from nova_aggext import conf as aggext_conf

# Libraries that tell of every step at INFO.
QUIET = ('alembic=WARN', 'stevedore=WARN')


def setup(files: Sequence[str]) -> None:
    """Log as the options of oslo.log in these files say.

    To standard error by default. Never called inside nova-api, whose log is
    Nova's.
    """
    log.set_defaults(
        default_log_levels=[*log.get_default_log_levels(), *QUIET]
    )
    # Libraries of OpenStack import it wherever it is installed.
    warnings.filterwarnings('ignore', message='\\s*Eventlet is deprecated')
    conf = aggext_conf.load(files, register=log.register_options)
    log.setup(conf, 'nova-aggext')
