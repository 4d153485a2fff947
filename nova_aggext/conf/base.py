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
    cfg.StrOpt(
        'default_availability_zone',
        default='nova',
        help="""
The zone of hosts to which no aggregate gives one, as Nova reads it. The own
API tells of hosts and their moves with it; Nova's rules do not look at it.
""",
    ),
]
