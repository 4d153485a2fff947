# SPDX-License-Identifier: Apache-2.0
"""Options of libraries that say whether they are needed at all.

Read apart from the rest, so that a library that nobody needs is never
imported; where it is, it declares these options itself.
"""

from oslo_config import cfg


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opt(cfg.StrOpt('transport_url', secret=True))
    conf.register_opts(
        [
            cfg.MultiStrOpt('driver', default=[]),
            cfg.StrOpt('transport_url', secret=True),
        ],
        group='oslo_messaging_notifications',
    )
    conf.register_opts(
        [cfg.StrOpt('auth_type'), cfg.StrOpt('auth_section')],
        group='placement',
    )
    conf.register_opt(cfg.BoolOpt('enabled', default=False), group='cache')
    conf.register_opt(
        cfg.IntOpt('max_request_body_size', default=114688),
        group='oslo_middleware',
    )
