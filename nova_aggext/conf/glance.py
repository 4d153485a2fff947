# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``glance`` beside those of keystoneauth."""

from oslo_config import cfg

GROUP = 'glance'

OPTS: list[cfg.Opt] = [
    cfg.ListOpt(
        'api_servers',
        help="""
URLs of the image service; the first is used where ``endpoint_override`` is
not set. Without both, the service catalog of the caller tells.
""",
    ),
]
