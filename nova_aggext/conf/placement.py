# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``placement`` beside those of keystoneauth."""

from oslo_config import cfg

GROUP = 'placement'

OPTS: list[cfg.Opt] = [
    cfg.FloatOpt(
        'mirror_deadline',
        default=1,
        min=0,
        help="""
Seconds that a request which adds or removes a host may wait for placement.
What could not be told in that time is left to the relay. 0: all is.
""",
    ),
]
