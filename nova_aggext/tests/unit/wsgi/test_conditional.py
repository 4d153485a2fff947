# SPDX-License-Identifier: Apache-2.0
"""Entity tags and 304."""

import webob

from nova_aggext.tests import base
from nova_aggext.wsgi import conditional

JSON = 'application/json'


class ConditionalTest(base.TestCase):
    """What ``If-None-Match`` makes of an answer."""

    def _apply(
        self,
        condition: str | None = None,
        body: bytes = b'{}',
        kind: str = JSON,
    ) -> webob.Response:
        headers = {} if condition is None else {'If-None-Match': condition}
        request = webob.Request.blank('/', headers=headers)
        answer = webob.Response(body=body, content_type=kind)
        tag = conditional.digest(answer)
        return conditional.apply(request, answer, tag)

    def _tag(self, **content: object) -> str:
        return self._apply(**content).headers['ETag']  # type: ignore[arg-type]

    def test_tag_is_strong_and_stable(self) -> None:
        self.assertRegex(self._tag(), '^"[0-9a-f]{32}"$')
        self.assertEqual(self._tag(), self._tag())

    def test_other_answers_have_other_tags(self) -> None:
        tags = {
            self._tag(),
            self._tag(body=b'{"a": 1}'),
            self._tag(kind='application/vnd.openstack.compute+json'),
        }
        self.assertEqual(3, len(tags))

    def test_without_condition(self) -> None:
        answer = self._apply()
        self.assertEqual((200, b'{}'), (answer.status_int, answer.body))

    def test_known(self) -> None:
        tag = self._tag()
        for condition in (tag, f'"other", {tag}', f'W/{tag}', '*'):
            answer = self._apply(condition)
            self.assertEqual(304, answer.status_int)
            self.assertEqual(b'', answer.body)
            self.assertEqual(tag, answer.headers['ETag'])
            self.assertNotIn('Content-Type', answer.headers)

    def test_not_known(self) -> None:
        answer = self._apply('"other"')
        self.assertEqual((200, b'{}'), (answer.status_int, answer.body))
