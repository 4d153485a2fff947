# SPDX-License-Identifier: Apache-2.0
"""A server that is killed while it makes the first change that has an id.

``AGGEXT_TEST_DIES`` says when: 'before' the commit, or 'after' it and before
the answer.
"""

import os
import signal
import sys
import threading
from typing import Any

import sqlalchemy as sa

from nova_aggext.cmd import api

VARIABLE = 'AGGEXT_TEST_DIES'
BEFORE = 'before'
AFTER = 'after'

_INSERT = 'INSERT INTO aggext_change_sets'


class _Mine(threading.local):
    """What a thread has sent in its transaction."""

    has_change = False


def _watch(moment: str) -> None:
    """Kill this process at the moment."""
    mine = _Mine()

    def note(*told: Any) -> None:
        mine.has_change = mine.has_change or told[2].startswith(_INSERT)

    def die(*_told: Any) -> None:
        if mine.has_change:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, 'before_cursor_execute', note)
    if moment == BEFORE:
        sa.event.listen(sa.Engine, 'commit', die)
    else:
        # The connection is given back as soon as the commit is done.
        sa.event.listen(sa.Pool, 'checkin', die)


def main() -> int:
    """Serve, as the command does."""
    _watch(os.environ[VARIABLE])
    return api.main()


if __name__ == '__main__':
    sys.exit(main())
