# SPDX-License-Identifier: Apache-2.0
"""Managers: who wants what of which aggregates."""

from osc_aggext.sdk import change_records
from osc_aggext.sdk import errors
from osc_aggext.sdk import paging
from osc_aggext.sdk import reading
from osc_aggext.sdk import repeating
from osc_aggext.sdk import requests
from osc_aggext.sdk import transport

Manager = change_records.Manager
Applied = change_records.Applied


class Managers(transport.Transport):
    """The calls below ``/managers``."""

    def managers(self) -> paging.Listing[Manager]:
        """List managers by name, without their documents."""
        return reading.listing(
            self, '/managers', 'managers', Manager.of, {}, None
        )

    def manager(self, name: str) -> Manager:
        """Show a manager with the document that it applied last.

        :raises NotFound: when there is none
        """
        body = self.call('GET', _path(name)).body
        return Manager.of(body['manager'])

    def plan_manager(
        self,
        name: str,
        document: requests.Document,
        *,
        if_match: str | None = None,
    ) -> Applied:
        """Tell what applying a document would do; nothing is changed.

        :raises Refused: as applying it would
        """
        return self._put(name, document, {'dry_run': 'true'}, if_match)

    def apply_manager(
        self,
        name: str,
        document: requests.Document,
        *,
        if_match: str | None = None,
    ) -> Applied:
        """Let a document hold, as a whole or not at all.

        It is asked for again where no answer comes.

        :param if_match: the etag of the document that is there
        :raises Stale: another document is there, or the effects are not
            those of ``expect_digest``
        :raises Refused: nothing was changed
        """
        asked = 0

        def put() -> Applied:
            nonlocal asked
            asked += 1
            return self._put(name, document, {}, if_match)

        try:
            return repeating.until_answered(put)
        except errors.Stale:
            made = self._made(name, document) if asked > 1 else None
            if made is None:
                raise
            return made

    def delete_manager(self, name: str) -> None:
        """Forget a manager; aggregates stay as they are.

        :raises NotFound: when there is none
        """
        self.call('DELETE', _path(name))

    def _made(self, name: str, document: requests.Document) -> Applied | None:
        """Give what a manager did last, if it is what a document expects.

        Whoever asks again for what was done is told that it is not what was
        planned any more.
        """
        found = self.manager(name)
        if found.change is None:
            return None
        path = f'/changes/{reading.quoted(found.change)}'
        shown = self.call('GET', path).body['change']
        change = change_records.Change.of(shown)
        if change.digest != document.get('expect_digest'):
            return None
        return Applied(found, change)

    def _put(
        self,
        name: str,
        document: requests.Document,
        query: transport.Query,
        if_match: str | None,
    ) -> Applied:
        headers = {} if if_match is None else {'If-Match': f'"{if_match}"'}
        answer = self.call(
            'PUT',
            _path(name),
            query=query,
            body={'manager': document},
            headers=headers,
        )
        return Applied.of(answer.body)


def _path(name: str) -> str:
    return f'/managers/{reading.quoted(name)}'
