# SPDX-License-Identifier: Apache-2.0
"""Lets somebody see when statements begin and end."""

from typing import Any, Protocol

import sqlalchemy as sa


class Spans(Protocol):
    """Who is told, in the thread that executes a statement."""

    def begin(self, statement: str) -> None:
        """Learn that a statement begins, but not with which parameters."""

    def end(self) -> None:
        """Learn that it ended, or failed."""


def attach(engine: sa.Engine, spans: Spans) -> None:
    """Tell of each statement of an engine."""

    # What was begun: a result may also fail after its statement ended.
    begun: set[int] = set()

    def before(
        _connection: Any,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        context: Any,
        _many: bool,
    ) -> None:
        begun.add(id(context))
        spans.begin(statement)

    def end(context: Any) -> None:
        if id(context) in begun:
            begun.discard(id(context))
            spans.end()

    def after(*arguments: Any) -> None:
        end(arguments[4])

    def failed(context: Any) -> None:
        end(context.execution_context)

    sa.event.listen(engine, 'before_cursor_execute', before)
    sa.event.listen(engine, 'after_cursor_execute', after)
    sa.event.listen(engine, 'handle_error', failed)
