# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``wsgi``."""

from oslo_config import cfg

GROUP = 'wsgi'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'api_paste_config',
        default='api-paste.ini',
        help="""
Paste file of the standalone server. A name without a folder is looked for
beside the configuration files, in /etc/nova-aggext, and last in the package.
""",
    ),
]
