# SPDX-License-Identifier: Apache-2.0
"""What a process of our own needs before anything else; never in nova-api."""

import os
import warnings
from collections.abc import Sequence

from oslo_log import log

from nova_aggext import conf as aggext_conf

# Libraries that tell of every step at INFO.
QUIET = ('alembic=WARN', 'stevedore=WARN')


def prepare(files: Sequence[str]) -> None:
    """Prepare for what libraries of OpenStack import, and log.

    The log is as the options of oslo.log in these files say.
    """
    # They import Eventlet wherever it is installed. Nobody uses it here, so
    # it need not make a resolver of its own, in 6 MiB and a tenth of a second.
    os.environ.setdefault('EVENTLET_NO_GREENDNS', 'yes')
    warnings.filterwarnings('ignore', message='\\s*Eventlet is deprecated')
    log.set_defaults(
        default_log_levels=[*log.get_default_log_levels(), *QUIET]
    )
    conf = aggext_conf.load(files, register=log.register_options)
    log.setup(conf, 'nova-aggext')
