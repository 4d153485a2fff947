# SPDX-License-Identifier: Apache-2.0
"""What arguments of commands may be; anything else is wrong usage.

Each function is a ``type`` of argparse: it gives the value of a text, or says
in plain words what was expected.
"""

import argparse
import datetime
import functools
import re
from collections.abc import Callable

# What columns of Integer and BigInteger hold.
MAX_INTEGER = 2**31 - 1
MAX_BIG_INTEGER = 2**63 - 1
MAX_PORT = 2**16 - 1
# Characters of a host's name.
MAX_NAME = 255

_DIGITS = re.compile(r'-?[0-9]{1,30}')
# What the API takes for a host.
_HOST = re.compile(r'[a-zA-Z0-9._-]+')


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """Make the type of whole numbers in a range."""
    return functools.partial(_number, lowest=lowest, highest=highest)


def _number(text: str, lowest: int, highest: int) -> int:
    if _DIGITS.fullmatch(text) and lowest <= int(text) <= highest:
        return int(text)
    raise argparse.ArgumentTypeError(
        f'must be a whole number from {lowest} to {highest}, not {text!a}'
    )


def name(text: str) -> str:
    """Take a name that a database may hold, whoever wrote it."""
    if 0 < len(text) <= MAX_NAME and text.isprintable():
        return text
    raise argparse.ArgumentTypeError(
        f'must be 1 to {MAX_NAME} printable characters, not {text!a}'
    )


def host(text: str) -> str:
    """Take a name of a host that the API would take."""
    if len(text) <= MAX_NAME and _HOST.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError(
        f'must be 1 to {MAX_NAME} letters, digits, dots, hyphens or '
        f'underscores, not {text!a}'
    )


def moment(text: str) -> datetime.datetime:
    """Take a time in ISO 8601; give it in UTC, without an offset."""
    try:
        given = datetime.datetime.fromisoformat(text)
        if given.tzinfo is None:
            return given
        return given.astimezone(datetime.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f'must be a time such as 2026-01-31T12:00:00+01:00, not {text!a}'
        ) from error
