# SPDX-License-Identifier: Apache-2.0
"""A standalone server, and documents of managers that are applied there."""

from collections.abc import Mapping
from typing import Any

import webob

from nova_aggext.tests.functional.changes import base

Document = base.Document
BUSY = base.BUSY
HOSTS = base.HOSTS
KINDS = base.KINDS
NOVA = base.NOVA
ROOT = base.ROOT


class ManagersTestCase(base.ChangesTestCase):
    """Applies documents on an application in this process."""

    def apply(
        self,
        manager: str,
        *aggregates: Document,
        query: str = '',
        headers: Mapping[str, str] | None = None,
        roles: str = 'admin',
        **more: Any,
    ) -> webob.Response:
        """Apply what a manager wants."""
        request = webob.Request.blank(
            f'{ROOT}/managers/{manager}{query}',
            method='PUT',
            headers={
                'X-Roles': roles,
                'X-User-Id': 'me',
                'X-Project-Id': 'abc',
                **(headers or {}),
            },
        )
        request.json = {'manager': {'aggregates': [*aggregates], **more}}
        return request.get_response(self.app)

    def applied(
        self, manager: str, *aggregates: Document, **more: Any
    ) -> Document:
        """Apply what is not refused; give the change."""
        answer = self.apply(manager, *aggregates, **more)
        self.assertIn(answer.status_int, (200, 201), answer.text)
        found: Document = answer.json['change']
        return found

    def planned(
        self, manager: str, *aggregates: Document, **more: Any
    ) -> Document:
        """Plan what is not refused; give the change."""
        return self.applied(
            manager, *aggregates, query='?dry_run=true', **more
        )

    def settled(
        self, manager: str, *aggregates: Document, **more: Any
    ) -> None:
        """Check that to apply a document does nothing, and stores nothing."""
        before = self.rows()
        change = self.applied(manager, *aggregates, **more)
        self.assertEqual((False, []), (change['changed'], change['effects']))
        self.unchanged(before)

    def named(self, name: str) -> Document:
        """Show the aggregate of a name."""
        listed = self.send('GET', f'/aggregates?name={name}').json
        (found,) = listed['aggregates']
        shown: Document = found
        return shown

    def names(self) -> list[str]:
        """Give the names of all aggregates."""
        listed = self.send('GET', '/aggregates').json['aggregates']
        return [one['name'] for one in listed]

    def claims(self, name: str) -> dict[str, list[str]]:
        """Give what is claimed of the aggregate of a name."""
        path = f'/aggregates?name={name}&fields=claims'
        (found,) = self.send('GET', path).json['aggregates']
        claims: dict[str, list[str]] = found['claims']
        return claims

    def errors(self, answer: webob.Response, *members: str) -> list[Any]:
        """Give some members of each error of an answer."""
        return [
            tuple(one.get(name) for name in members)
            for one in answer.json['errors']
        ]
