# SPDX-License-Identifier: Apache-2.0
"""A line on a terminal that says how far something is."""

import sys
import time
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TextIO, TypeVar

T = TypeVar('T')

# Seconds until there is such a line, and between two states of it.
PATIENCE = 2.0
_PAUSE = 0.2


class Line:
    """A line on standard error, where that is a terminal.

    It comes when something takes longer than ``PATIENCE``, and goes at the
    end.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Take where it is written."""
        self._stream = stream or sys.stderr
        self._next = time.monotonic() + PATIENCE
        self._width = 0

    def __enter__(self) -> 'Line':
        return self

    def __exit__(self, *_raised: object) -> None:
        self.clear()

    def tell(self, text: str) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if now < self._next or not self._stream.isatty():
            return
        self._next = now + _PAUSE
        self._write(text)
        self._width = len(text)

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._width:
            self._write('')
            self._stream.write('\r')
            self._stream.flush()
            self._width = 0

    def _write(self, text: str) -> None:
        self._stream.write(f'\r{text:<{self._width}}')
        self._stream.flush()


def counted(things: Iterable[T], noun: str) -> Iterator[T]:
    """Give things, and say how many there were so far."""
    with Line() as line:
        for count, one in enumerate(things, 1):
            line.tell(f'{count} {noun} ...')
            yield one
