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
    cfg.FloatOpt(
        'mirror_memory',
        default=0,
        min=0,
        help="""
Seconds for which the aggregates of a resource provider are remembered, so
that the next change of its host needs one call instead of two. Placement
refuses a change by what is outdated, which costs a call more; but it does not
notice clients that set aggregates in microversions before 1.19. 0: placement
is asked each time.
""",
    ),
]
