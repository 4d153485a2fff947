# SPDX-License-Identifier: Apache-2.0
"""The command line: ``python -m bench``."""

import argparse
import json
import pathlib
import sys
from typing import Any

from bench import bulk
from bench import flat
from bench import floor
from bench import footprint
from bench import instructions
from bench import load
from bench import managers
from bench import many
from bench import peer
from bench import report
from bench import sizes
from bench import sizing

RESULTS = pathlib.Path(__file__).with_name('results')


def main() -> int:
    """Measure what is asked for, write it down, and show it."""
    arguments = _parser().parse_args()
    if arguments.what == 'instructions':
        instructions.run(arguments.check)
        return 0
    if arguments.what == 'bulk':
        bulk.run()
        return 0
    if arguments.what == 'sizing':
        sizing.run()
        return 0
    if arguments.what != 'report':
        told = _COMMANDS[arguments.what](arguments)
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f'{arguments.what}.json'
        path.write_text(json.dumps(told, indent=1) + '\n')
    report.write(RESULTS)
    return 0


_OTHERS = ('bulk', 'instructions', 'report', 'sizing')
_COMMANDS: dict[str, Any] = {
    'flat': flat.run,
    'floor': floor.run,
    'footprint': footprint.run,
    'load': load.run,
    'managers': managers.run,
    'many': many.run,
    'peer': peer.run,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m bench')
    add = parser.add_argument
    add('what', nargs='?', default='peer', choices=[*_COMMANDS, *_OTHERS])
    add('--sizes', type=sizes.parse, nargs='+', default=sizes.ALL)
    add('--rounds', type=int, default=12)
    add('--seconds', type=float, default=3)
    add('--most', type=int, default=10)
    add('--minutes', type=float, default=6)
    add('--wrk-seconds', type=int, default=8)
    add('--write-seconds', type=int, default=30)
    add('--huge', action=argparse.BooleanOptionalAction, default=True)
    add('--check', action='store_true')
    return parser


if __name__ == '__main__':
    sys.exit(main())
