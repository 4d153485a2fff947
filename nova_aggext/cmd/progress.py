# SPDX-License-Identifier: Apache-2.0
"""How far a command is that takes long, for whoever waits at a terminal."""

import sys
from typing import Any, NoReturn, TextIO

import tqdm

# Seconds after which somebody wants to know.
PATIENCE = 2


def bar(
    what: str,
    total: int | None = None,
    *,
    stream: TextIO | None = None,
    patience: float = PATIENCE,
) -> 'tqdm.tqdm[NoReturn]':
    """Make a bar, to be used as a context and told of steps by ``update``.

    It is on standard error, if that is a terminal, from some seconds on until
    the context ends; then it is taken away. Elsewhere it does nothing.

    :param what: is done, in a word or two
    :param total: how many steps there are, if that is known
    :param patience: seconds before it is shown, at the first step after them
    """
    settings: dict[str, Any] = {
        'desc': what,
        'total': total,
        'file': stream or sys.stderr,
        # Only a terminal has one.
        'disable': None,
        'delay': patience,
        'leave': False,
        'dynamic_ncols': True,
    }
    return tqdm.tqdm(**settings)
