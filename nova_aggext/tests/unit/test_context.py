# SPDX-License-Identifier: Apache-2.0
"""Who asks."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import webob
from oslo_context import context as oslo_context

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs


class Rules:
    """Rules of a test: what is asked is handed on.

    :ivar asked: rules, targets, and who asked
    """

    def __init__(self, decide: Callable[[Any], bool]) -> None:
        """Take what decides about who asks."""
        self._decide = decide
        self.asked: list[Any] = []

    def authorize(
        self, rule: str, target: Mapping[str, Any], who: Any
    ) -> None:
        """Decide."""
        self.asked.append((rule, dict(target), who))
        if not self._decide(who):
            raise exception.PolicyNotAuthorized(action=rule)

    def looks_at_target(self, rule: str) -> bool:
        """Say yes of one rule."""
        return rule == 'looking'


class RequestContextTest(base.TestCase):
    """Identity from headers."""

    def _context(self, **headers: str) -> context.RequestContext:
        named = {k.replace('_', '-'): v for k, v in headers.items()}
        environ = webob.Request.blank('/', headers=named).environ
        return context.RequestContext.of_request(environ, context.Unrestricted)

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
        found = context.RequestContext.of_request(
            environ, context.Unrestricted
        )
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
        refuse = Rules(lambda who: False)
        self.assertTrue(stubs.caller().is_admin)
        other = context.RequestContext(policy=lambda: refuse)
        self.assertFalse(other.is_admin)

    def test_can_asks_with_the_identity(self) -> None:
        rules = Rules(lambda who: True)
        who = context.RequestContext(
            policy=lambda: rules, user_id='u', project_id='p'
        )
        who.can('rule')
        self.assertEqual([('rule', {}, who)], rules.asked)
        self.assertTrue(who.to_policy_values()['is_admin'])
        target = {'project_id': 'p', 'user_id': 'u'}
        self.assertEqual(('context_is_admin', target, who), rules.asked[1])

    def test_the_rule_of_administrators_may_look_at_them(self) -> None:
        rules = Rules(lambda who: bool(who.to_policy_values()['is_admin']))
        environ = webob.Request.blank('/').environ
        who = context.RequestContext.of_request(environ, lambda: rules)
        self.assertFalse(who.is_admin)

    def test_rules_of_one_moment(self) -> None:
        """What is read anew decides of the requests that come after."""
        old, new = Rules(lambda who: True), Rules(lambda who: False)
        current = [old]
        who = context.RequestContext(policy=lambda: current[-1])
        self.assertFalse(who.looks_at_target('rule'))
        self.assertTrue(who.looks_at_target('looking'))
        current.append(new)
        who.can('rule')
        self.assertEqual([], new.asked)
        late = context.RequestContext(policy=lambda: current[-1])
        self.assertRaises(exception.PolicyNotAuthorized, late.can, 'rule')
