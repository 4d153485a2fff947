# SPDX-License-Identifier: Apache-2.0
"""Says what has failed in a run of tox, on as many lines as a CI shows.

usage: failures.py FILE

FILE is what tox wrote for ``--result-json``. Of tests the names and the ends
of the tracebacks are printed, of anything else the end of what it printed.
"""

import itertools
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

# Lines altogether, of the names of tests, and of the end of one traceback.
LINES = 120
NAMES = 30
LAST = 40
WIDTH = 200

# How testtools prints a test that failed.
TEST = re.compile(
    r'^={70}\n(?:FAIL|ERROR): (?P<name>.*)\n(?:tags: .*\n)?-{70}\n', re.M
)
SUMMARY = re.compile(r'^Ran \d+ tests? in .*\Z', re.M | re.S)


def main(path: str) -> None:
    """Print what has failed, if anything has."""
    results = pathlib.Path(path)
    found = {
        name: dict(_failures([*one.get('setup', ()), *one.get('test', ())]))
        for name, one in json.loads(results.read_text())['testenvs'].items()
        if not (one.get('result') or {}).get('success', True)
    }
    names = [
        name for one in found.items() for name in _names(*one, len(found))
    ]
    if names:
        print('\nFailed:', *names, sep='\n')
    # By turns, so that each environment has its say.
    turns = itertools.zip_longest(*(one.items() for one in found.values()))
    ends = [end for turn in turns for end in turn if end is not None]
    left = LINES - len(names)
    for count, (failure, text) in enumerate(ends):
        # What is left is shared out among those to come.
        share = min(LAST, max(left // (len(ends) - count), 8)) - 2
        shown = text.strip().splitlines()[-share:]
        left -= len(shown) + 2
        if left < 0:
            break
        print('', f'{failure}:', *(line[:WIDTH] for line in shown), sep='\n')


def _names(environment: str, failures: Iterable[str], count: int) -> list[str]:
    names = [*failures] or ['could not be made']
    most = max(NAMES // count, 2)
    if len(names) > most:
        names[most:] = [f'and {len(names) - most} more']
    return [f'  {environment}: {name}' for name in names]


def _failures(commands: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give the tests that failed, or else the command, with what it said."""
    for command in commands:
        if command['retcode']:
            said = f'{command["output"]}\n{command["err"]}'
            tests = list(_tests(command['command'], said))
            yield from tests or [(' '.join(command['command']), said)]


def _tests(command: list[str], said: str) -> Iterator[tuple[str, str]]:
    """Give the tests that failed, if the command ran some."""
    stestr, *options = command
    # It may have stopped before any test, and remember others.
    if pathlib.Path(stestr).name != 'stestr' or 'Totals' not in said:
        return
    repository = options[options.index('--repo-url') + 1]
    last = subprocess.run(  # noqa: S603
        [stestr, '--repo-url', repository, 'last', '--no-subunit-trace'],
        stdout=subprocess.PIPE,
        text=True,
        errors='replace',
        check=False,
    )
    _, *parts = TEST.split(SUMMARY.sub('', last.stdout))
    yield from zip(parts[::2], parts[1::2], strict=True)


if __name__ == '__main__':
    main(sys.argv[1])
