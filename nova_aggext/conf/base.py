# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``DEFAULT``."""

import socket

from oslo_config import cfg

GROUP = 'DEFAULT'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'host',
        default=socket.gethostname(),
        sample_default='<current hostname>',
        help="""
Name of this host in notifications: they come from ``nova-api:<host>``.
""",
    ),
]
