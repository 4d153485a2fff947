# SPDX-License-Identifier: Apache-2.0
"""Changes: made, planned, read, followed and undone."""

import time
import uuid
from collections.abc import Callable
from collections.abc import Iterator

from osc_aggext.sdk import change_records
from osc_aggext.sdk import paging
from osc_aggext.sdk import reading
from osc_aggext.sdk import repeating
from osc_aggext.sdk import requests
from osc_aggext.sdk import transport

Change = change_records.Change

# Seconds between questions to a feed that is at its end.
PAUSE = 2.0


class Changes(transport.Transport):
    """The calls below ``/changes``."""

    def plan_change(
        self, change: requests.Change, *, change_id: str | None = None
    ) -> Change:
        """Tell what a change would do; nothing is changed or stored.

        :param change_id: the uuid that it is to have; one that has been used
            for this very change is planned again
        :raises Refused: as making it would
        """
        answer = self.call(
            'POST' if change_id is None else 'PUT',
            '/changes' if change_id is None else _path(change_id),
            query={'dry_run': 'true'},
            body={'change': change},
        )
        return Change.of(answer.body['change'])

    def make_change(
        self, change: requests.Change, *, change_id: str | None = None
    ) -> Change:
        """Make a change once.

        Where no answer comes it is asked for again with the same id, which
        gives the first answer if it was made.

        :param change_id: a uuid; whoever may be killed keeps it, and calls
            again with it
        :raises Refused: nothing was changed
        """
        chosen = change_id or str(uuid.uuid4())
        answer = repeating.until_answered(
            lambda: self.call('PUT', _path(chosen), body={'change': change})
        )
        return Change.of(answer.body['change'])

    def change(self, change_id: str) -> Change:
        """Show a change, as it was answered, and whether others know of it.

        :raises NotFound: when there is none
        """
        body = self.call('GET', _path(change_id)).body
        return Change.of(body['change'])

    def changes(
        self,
        filters: transport.Query | None = None,
        *,
        most: int | None = None,
    ) -> paging.Listing[Change]:
        """List changes, the newest first."""
        query = {**(filters or {}), 'sort': 'changed_at:desc'}
        return reading.listing(
            self, '/changes', 'changes', Change.of, query, most
        )

    def changes_after(
        self, position: str | None, filters: transport.Query | None = None
    ) -> tuple[list[Change], str]:
        """Give changes after a position, and the position to go on with.

        At the end there are none.

        :param position: None: from the oldest that is kept
        :raises Gone: when some of them are forgotten
        """
        query = dict(filters or {})
        if position is not None:
            query['after'] = position
        body = self.call('GET', '/changes', query=query).body
        return list(map(Change.of, body['changes'])), body['position']

    def head_position(self) -> str:
        """Give the position of the newest change."""
        query = {'limit': '0'}
        return str(self.call('GET', '/changes', query=query).body['position'])

    def follow(
        self,
        position: str | None,
        filters: transport.Query | None = None,
        *,
        pause: float = PAUSE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Iterator[tuple[Change, str]]:
        """Give each change after a position, for ever, with its own.

        Keep the position that comes with a change, and go on after it.

        :raises Gone: when some were forgotten before they were read; list
            the aggregates again and follow from the position of that list
        """
        while True:
            found, position = self.changes_after(position, filters)
            for one in found:
                yield one, str(one.position)
            if not found:
                sleep(pause)

    def wait(
        self,
        change_id: str,
        *,
        seconds: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        told: Callable[[], None] = lambda: None,
    ) -> Change:
        """Wait until schedulers, placement and others were told.

        A change whose ``delivery`` is ``parked`` is given as well: some of
        them refused for good.

        :param told: called before each pause
        :raises TimeoutError: when it takes longer
        """
        ends = time.monotonic() + seconds
        while True:
            found = self.change(change_id)
            if found.delivery != 'pending':
                return found
            if time.monotonic() > ends:
                raise TimeoutError(
                    f'Not all were told of the change {change_id} within '
                    f'{seconds:.0f} seconds.'
                )
            told()
            sleep(PAUSE / 4)


def _path(change_id: str) -> str:
    return f'/changes/{reading.quoted(change_id)}'
