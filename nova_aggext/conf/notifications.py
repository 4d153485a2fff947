# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``notifications``."""

from oslo_config import cfg

GROUP = 'notifications'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'notification_format',
        default='unversioned',
        choices=('both', 'versioned', 'unversioned'),
        help="""
Format of notifications: legacy ones (``unversioned``), versioned ones, or
both. Where they go is said in [oslo_messaging_notifications].
""",
    ),
    cfg.ListOpt(
        'versioned_notifications_topics',
        default=['versioned_notifications'],
        help="""
Topics of versioned notifications; each is sent once on every topic.
""",
    ),
]
