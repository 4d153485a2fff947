# SPDX-License-Identifier: Apache-2.0
"""Pages of documentation, and what their examples print."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

BIN = pathlib.Path(sys.executable).parent
# Ends what a command printed.
END = '-- end --'
SECONDS = 300

_BLOCK = re.compile(
    r'^\.\. code-block:: (?:console|text)\n\n((?:   .*\n|\n)+)', re.MULTILINE
)
_PYTHON = re.compile(
    r'^\.\. code-block:: python\n\n((?:   .*\n|\n)+)It prints:\n\n'
    r'\.\. code-block:: text\n\n((?:   .*\n|\n)+)',
    re.MULTILINE,
)
_JSON = re.compile(
    r'^( *)\.\. code-block:: json\n\n((?:\1   .*\n)+)', re.MULTILINE
)
# Ids and digests are others in each run.
_CHOSEN = re.compile(
    r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """A command of a page, and what it prints."""

    command: str
    printed: str


def examples(text: str) -> Iterator[Example]:
    """Give the commands of a page in their order."""
    for block in _BLOCK.findall(text):
        for part in re.split(r'^   \$ ', block, flags=re.MULTILINE)[1:]:
            first, *rest = part.rstrip('\n').split('\n')
            lines = [first]
            while rest and rest[0].startswith('   > '):
                lines.append(rest.pop(0)[5:])
            printed = '\n'.join(line[3:] for line in rest)
            yield Example('\n'.join(lines), printed)


def scripts(text: str) -> Iterator[Example]:
    """Give the Python of a page, and what it prints."""
    for script, printed in _PYTHON.findall(text):
        yield Example(_plain(script), _plain(printed))


def documents(text: str) -> list[Any]:
    """Give the JSON of a page."""
    return [json.loads(block) for _, block in _JSON.findall(text)]


def run(commands: Sequence[str], folder: pathlib.Path, port: int) -> list[str]:
    """Run commands in one shell; give what each printed.

    :param port: where the server is that examples have at 8774
    """
    # What they install is there already.
    lines = ['pip() { :; }', 'uuidgen() { cat /proc/sys/kernel/random/uuid; }']
    for command in commands:
        here = command.replace('.venv/bin/', f'{BIN}/')
        here = here.replace(':8774', f':{port}')
        lines += [here, f"echo; echo '{END}'"]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('OS_', 'PYTHON'))
    }
    path = f'{BIN}{os.pathsep}{environment["PATH"]}'
    done = subprocess.run(
        ['bash', '-c', '\n'.join(lines)],
        cwd=folder,
        env={**environment, 'PATH': path, 'HOME': str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    printed = done.stdout.split(f'\n{END}\n')[:-1]
    return [text.rstrip('\n') for text in printed]


def comparable(
    shown: Sequence[Example], chosen: re.Pattern[str] = _CHOSEN
) -> str:
    """Write examples; what is chosen in each run is numbered."""
    text = '\n'.join(f'$ {one.command}\n{one.printed}' for one in shown)
    numbers: dict[str, str] = {}
    return chosen.sub(
        lambda found: numbers.setdefault(found[0], f'<{len(numbers)}>'), text
    )


def _plain(block: str) -> str:
    return '\n'.join(line[3:] for line in block.rstrip('\n').split('\n'))
