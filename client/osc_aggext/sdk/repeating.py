# SPDX-License-Identifier: Apache-2.0
"""Asking again where no answer came, for what may be asked twice."""

import time
from collections.abc import Callable
from typing import TypeVar

from keystoneauth1 import exceptions as keystone_exceptions

from osc_aggext.sdk import errors

T = TypeVar('T')

TIMES = 4
# Seconds to wait where the server did not say how long, and at most.
PAUSE = 1.0
LONGEST = 30.0

# What a proxy in between answers when the server did not.
_UNANSWERED = frozenset((502, 504))


def until_answered(
    call: Callable[[], T], sleep: Callable[[float], None] = time.sleep
) -> T:
    """Call until there is an answer, be it a refusal.

    :raises Refused: what the server said last
    :raises keystoneauth1.exceptions.ConnectFailure: when it never answered
    """
    for tries in range(1, TIMES):
        try:
            return call()
        except keystone_exceptions.ConnectFailure:
            pause = PAUSE * tries
        except errors.Unavailable as error:
            pause = error.retry_after or PAUSE * tries
        except errors.Refused as error:
            if error.status_code not in _UNANSWERED:
                raise
            pause = PAUSE * tries
        sleep(min(pause, LONGEST))
    return call()
