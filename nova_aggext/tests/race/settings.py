# SPDX-License-Identifier: Apache-2.0
"""How long the tests of races take, from the environment.

The defaults keep a whole run short. The figures of a full run are 200 rounds,
60 seconds and 100 kills.
"""

import os


def rounds() -> int:
    """Give how often each pair of requests meets."""
    return _number('AGGEXT_RACE_ROUNDS', 8)


def seconds() -> float:
    """Give for how long a mix of requests runs."""
    return _number('AGGEXT_RACE_SECONDS', 5)


def kills() -> int:
    """Give how often a server process is killed."""
    return _number('AGGEXT_KILLS', 6)


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def report(figures: str) -> None:
    """Append figures to the file ``AGGEXT_RACE_REPORT``, if there is one."""
    name = os.environ.get('AGGEXT_RACE_REPORT')
    if name:
        with open(name, 'a') as report_file:
            report_file.write(f'{figures}\n')
