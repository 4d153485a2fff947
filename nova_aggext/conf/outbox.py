# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``aggext_outbox``."""

from oslo_config import cfg

GROUP = 'aggext_outbox'

OPTS: list[cfg.Opt] = [
    cfg.BoolOpt(
        'relay',
        default=True,
        help="""
Deliver from within the processes of the API, and forget old changes there.
Without it, at least one ``nova-aggext-relay`` must run.
""",
    ),
    cfg.FloatOpt(
        'poll_interval',
        default=5,
        min=0.1,
        help="""
Seconds after which a relay looks for messages that other processes stored
and did not deliver. Messages of its own process are delivered at once.
""",
    ),
    cfg.FloatOpt(
        'lease',
        default=60,
        min=1,
        help="""
Seconds for which a relay takes the messages of one aggregate or host. Those
of a relay that died are delivered by another one after that time. Clocks of
the machines must not differ by more than a fraction of it.
""",
    ),
    cfg.FloatOpt(
        'max_backoff',
        default=10,
        min=0.1,
        help="""
Most seconds between two attempts while the message bus or placement is away.
""",
    ),
    cfg.IntOpt(
        'max_attempts',
        default=10,
        min=1,
        help="""
Times a message may be refused before it is parked. A message bus or a
placement that is away is waited for without counting. Parked messages are
shown by ``nova-aggext-manage outbox list``; they are never dropped by
themselves.
""",
    ),
    cfg.FloatOpt(
        'recast_interval',
        default=600,
        min=0,
        help="""
Seconds between two sweeps that tell the schedulers of every aggregate again,
in case a scheduler missed a cast while it started or reconnected, and that
find what others wrote to the tables past this API, also without a message bus.
0: none.
""",
    ),
    cfg.FloatOpt(
        'recast_rate',
        default=50,
        min=0.1,
        help="""
Aggregates per second that a sweep comes by.
""",
    ),
]
