# SPDX-License-Identifier: Apache-2.0
"""What one request does, told to the outbox as it happens."""

import types
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import records


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
            self._committed()
        elif isinstance(error, Exception):
            taken = tuple(self._taken)
            refusal = steps.Refusal(
                self.operation, self._arguments, taken, error
            )
            self._outbox.refused(self.who, refusal)

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
