# SPDX-License-Identifier: Apache-2.0
"""What one request does, told to the outbox as it happens.

What was committed, or refused, is answered as that, whatever goes wrong in
what follows it: it is logged here.
"""

import logging
import types
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import records

LOG = logging.getLogger(__name__)


class Story:
    """The steps of one request, for one use case.

    To be used around the use case: how that ends is told to the outbox.
    """

    def __init__(
        self,
        who: context.RequestContext,
        outbox: ports.Outbox,
        operation: str,
        arguments: Mapping[str, Any],
    ) -> None:
        self.who = who
        self.operation = operation
        self._outbox = outbox
        self._arguments = arguments
        self._taken: list[steps.Step] = []
        self._committed: ports.Committed = ports.nothing

    def __enter__(self) -> 'Story':
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: types.TracebackType | None,
    ) -> None:
        if error is None:
            follow(self._committed)
        elif isinstance(error, Exception):
            self._refuse(error)

    def restart(self) -> None:
        """Forget the steps: the transaction is begun, perhaps anew."""
        self._taken.clear()
        self._committed = ports.nothing

    def take(self, step: steps.Step) -> None:
        """Tell of a step, or that the last one went further."""
        if self._taken and type(self._taken[-1]) is type(step):
            self._taken[-1] = step
        else:
            self._taken.append(step)

    def store(
        self, session: db_database.Session, subject: records.Aggregate
    ) -> None:
        """Store what has to be told, in the transaction of the change."""
        self._committed = self._outbox.append(
            session, self.who, subject, tuple(self._taken)
        )

    def _refuse(self, error: Exception) -> None:
        taken = tuple(self._taken)
        refusal = steps.Refusal(self.operation, self._arguments, taken, error)
        try:
            self._outbox.refused(self.who, refusal)
        except Exception:
            LOG.exception('Nobody is told of a refused request')


def follow(committed: ports.Committed) -> None:
    """Do what follows a commit; log what goes wrong there."""
    try:
        committed()
    except Exception:
        LOG.exception('What was changed is told later')
