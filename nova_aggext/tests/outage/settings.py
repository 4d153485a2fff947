# SPDX-License-Identifier: Apache-2.0
"""How long the tests of outages take, from the environment.

The defaults keep a whole run short. The figures of a full run::

    AGGEXT_OUTAGE_STOPPED=60 AGGEXT_OUTAGE_FROZEN=45 AGGEXT_OUTAGE_KILLS=100
    AGGEXT_OUTAGE_SECONDS=60 AGGEXT_OUTAGE_CLIENTS=16
    AGGEXT_OUTAGE_ROWS=1000000 AGGEXT_OUTAGE_MOVES=2000
"""

import os


def stopped() -> float:
    """Give for how long the broker or placement is stopped."""
    return _number('AGGEXT_OUTAGE_STOPPED', 3)


def frozen() -> float:
    """Give for how long the broker or placement is frozen."""
    return _number('AGGEXT_OUTAGE_FROZEN', 3)


def kills() -> int:
    """Give how often a server process is killed."""
    return int(_number('AGGEXT_OUTAGE_KILLS', 6))


def seconds() -> float:
    """Give for how long clients work where nothing is away."""
    return _number('AGGEXT_OUTAGE_SECONDS', 4)


def clients() -> int:
    """Give how many clients work on the aggregates of a scheduler."""
    return int(_number('AGGEXT_OUTAGE_CLIENTS', 6))


def rows() -> int:
    """Give how many messages wait in a long outbox."""
    return int(_number('AGGEXT_OUTAGE_ROWS', 100000))


def moves() -> int:
    """Give how often hosts are moved while a scheduler is looked into."""
    return int(_number('AGGEXT_OUTAGE_MOVES', 200))


def slack() -> float:
    """Give the seconds that a request may take longer than it should.

    That is more where more processes want to run than can.
    """
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return _number('AGGEXT_OUTAGE_SLACK', 0.5) * max(1, load)


def _number(name: str, default: float) -> float:
    return float(os.environ.get(name) or default)


def report(figures: str) -> None:
    """Append figures to the file ``AGGEXT_OUTAGE_REPORT``, if any."""
    name = os.environ.get('AGGEXT_OUTAGE_REPORT')
    if name:
        with open(name, 'a') as report_file:
            report_file.write(f'{figures}\n')
