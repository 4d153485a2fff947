# SPDX-License-Identifier: Apache-2.0
"""Who asks."""

from collections.abc import Mapping
from typing import Any

import webob
from oslo_context import context as oslo_context

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs


class RequestContextTest(base.TestCase):
    """Identity from headers."""

    def _context(self, **headers: str) -> context.RequestContext:
        named = {k.replace('_', '-'): v for k, v in headers.items()}
        environ = webob.Request.blank('/', headers=named).environ
        return context.RequestContext.of_request(environ, stubs.allow)

    def test_identity(self) -> None:
        found = self._context(
            X_User_Id='u', X_Project_Id='p', X_Roles='admin,reader'
        )
        self.assertEqual(
            ('u', 'p', ['admin', 'reader']),
            (found.user_id, found.project_id, found.roles),
        )

    def test_request_ids(self) -> None:
        environ = webob.Request.blank('/').environ
        environ['openstack.request_id'] = 'req-1'
        found = context.RequestContext.of_request(environ, stubs.allow)
        self.assertEqual('req-1', found.request_id)
        other = self._context()
        self.assertNotEqual(other.request_id, self._context().request_id)

    def test_the_context_of_the_thread_stays(self) -> None:
        before = oslo_context.get_current()
        self._context()
        self.assertIs(before, oslo_context.get_current())
        mine = oslo_context.RequestContext(overwrite=True)
        self._context().update_store()
        self.assertIs(mine, oslo_context.get_current())

    def test_catalog_of_the_services_that_nova_calls(self) -> None:
        text = '[{"type": "image"}, {"type": "identity"}, {}]'
        found = self._context(X_Service_Catalog=text)
        self.assertEqual([{'type': 'image'}], found.service_catalog)

    def test_catalog_that_is_missing_or_broken(self) -> None:
        self.assertEqual([], self._context().service_catalog)
        broken = self._context(X_Service_Catalog='[{')
        self.assertEqual([], broken.service_catalog)

    def test_catalog_that_is_json_of_another_form(self) -> None:
        for text in ('[1]', '{"type": "image"}', '7', 'null'):
            strange = self._context(X_Service_Catalog=text)
            self.assertEqual([], strange.service_catalog)

    def test_cloud_admin(self) -> None:
        def refuse(rule: str, target: Any, who: Any) -> None:
            raise exception.PolicyNotAuthorized(action=rule)

        self.assertTrue(stubs.caller().is_admin)
        other = context.RequestContext(authorize=refuse)
        self.assertFalse(other.is_admin)

    def test_can_asks_with_the_identity(self) -> None:
        asked: list[Any] = []

        def authorize(rule: str, target: Mapping[str, Any], who: Any) -> None:
            asked.append((rule, dict(target), who))

        who = context.RequestContext(
            authorize=authorize, user_id='u', project_id='p'
        )
        who.can('rule')
        self.assertEqual([('rule', {}, who)], asked)
        self.assertTrue(who.to_policy_values()['is_admin'])
        target = {'project_id': 'p', 'user_id': 'u'}
        self.assertEqual(('context_is_admin', target, who), asked[1])

    def test_the_rule_of_administrators_may_look_at_them(self) -> None:
        def authorize(rule: str, target: Mapping[str, Any], who: Any) -> None:
            if not who.to_policy_values()['is_admin']:
                raise exception.PolicyNotAuthorized(action=rule)

        environ = webob.Request.blank('/').environ
        who = context.RequestContext.of_request(environ, authorize)
        self.assertFalse(who.is_admin)
