# SPDX-License-Identifier: Apache-2.0
"""A B A B: what is compared is measured in turn, in one run."""

import argparse
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import dataclasses
import signal
import statistics
import time
from types import FrameType

from bench import operations
from bench import sizes


# Turns that each has at least.
_LEAST = 3


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is measured.

    :ivar rounds: how often each server has its turn, at most
    :ivar seconds: about how long the turns of one may take together
    :ivar most: how many calls a turn has at most
    :ivar deadline: moment of ``time.monotonic`` after which nothing is begun
    """

    rounds: int
    seconds: float
    most: int
    deadline: float

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> 'Effort':
        """Take it from the command line; the time begins now."""
        return cls(
            arguments.rounds,
            arguments.seconds,
            arguments.most,
            time.monotonic() + 60 * arguments.minutes,
        )

    def is_over(self) -> bool:
        """Tell whether there is no time left."""
        return time.monotonic() > self.deadline


class OutOfTime(Exception):
    """The measurement takes longer than it may."""


@contextlib.contextmanager
def until(deadline: float) -> Iterator[None]:
    """End what is done when a moment of ``time.monotonic`` comes."""

    def expire(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(
        signal.ITIMER_REAL, max(deadline - time.monotonic(), 0.001)
    )
    try:
        yield
    except OutOfTime:
        print('No time left')
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclasses.dataclass
class Result:
    """The seconds of one operation at one size on one server."""

    operation: str
    size: sizes.Size
    server: str
    seconds: list[float]

    @property
    def median(self) -> float:
        """The median, in milliseconds."""
        return statistics.median(self.seconds) * 1000

    def __str__(self) -> str:
        return (
            f'{self.size!s:16} {self.operation:20} {self.server:8} '
            f'{self.median:10.2f} ms ({len(self.seconds)} calls)'
        )

    def as_json(self) -> dict[str, object]:
        """Give what is written into a file."""
        return {
            'operation': self.operation,
            'size': dataclasses.astuple(self.size),
            'server': self.server,
            'calls': len(self.seconds),
            'median_ms': round(self.median, 3),
            'least_ms': round(min(self.seconds) * 1000, 3),
            'most_ms': round(max(self.seconds) * 1000, 3),
        }


def measure(
    operation: operations.Operation,
    callers: Mapping[str, operations.Caller],
    effort: Effort,
) -> list[Result]:
    """Measure one operation on several servers, in turn.

    The first calls of each are not counted; they tell how many there is time
    for. Where one call takes long there are fewer turns.
    """
    found: dict[tuple[str, str], Result] = {}
    took = {
        name: _try(operation, caller, effort)
        for name, caller in callers.items()
    }
    # Where one call takes as long as a turn may, there are fewer turns.
    fitting = int(effort.seconds / max(took.values()))
    rounds = min(effort.rounds, max(fitting, _LEAST))
    for turn in range(rounds):
        if turn and effort.is_over():
            break
        for name, caller in callers.items():
            count = int(effort.seconds / rounds / took[name])
            times = operation(caller, max(1, min(count, effort.most)))
            for label, seconds in times.items():
                result = found.setdefault(
                    (label, name), Result(label, caller.size, name, [])
                )
                result.seconds += seconds
    return list(found.values())


def _try(
    operation: operations.Operation, caller: operations.Caller, effort: Effort
) -> float:
    """Give the seconds that an operation takes."""
    took = 0.0
    # The first call may open connections and fill caches.
    for _ in range(2):
        started = time.monotonic()
        operation(caller, 1)
        took = time.monotonic() - started
        if took > effort.seconds:
            break
    return took
