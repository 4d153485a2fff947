# SPDX-License-Identifier: Apache-2.0
"""Who may do what."""

import http.server
import json
import os
import pathlib
import sys
import threading
from collections.abc import Mapping
from concurrent import futures
from typing import Any

import fixtures

from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import exception
from nova_aggext import policies
from nova_aggext import policy
from nova_aggext.policies import aggregates
from nova_aggext.tests import base


class Decider(fixtures.Fixture):
    """A server that decides in the place of a rule.

    :ivar answer: what it says, True or False
    """

    answer = 'False'

    def _setUp(self) -> None:
        fixture = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers['Content-Length']))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(fixture.answer.encode())

            def log_message(self, *_arguments: Any) -> None:
                """Write nothing."""

        listener = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        self.addCleanup(listener.server_close)
        self.port = listener.server_port
        threading.Thread(
            target=listener.serve_forever, args=(0.05,), daemon=True
        ).start()
        self.addCleanup(listener.shutdown)


class EnforcerTestCase(base.TestCase):
    """Enforcers of a policy file."""

    def setUp(self) -> None:
        super().setUp()
        folder = self.useFixture(fixtures.TempDir()).path
        self.file = pathlib.Path(folder) / 'policy.yaml'
        settings = pathlib.Path(folder) / 'nova.conf'
        settings.write_text(f'[oslo_policy]\npolicy_file = {self.file}\n')
        self.conf = aggext_conf.load([os.fspath(settings)])

    def _enforcer(self) -> policy.Enforcer:
        return policy.Enforcer(self.conf)

    def _may(
        self,
        enforcer: policy.Enforcer,
        *roles: str,
        target: Mapping[str, Any] = context.NOTHING,
        **identity: Any,
    ) -> bool:
        who = context.RequestContext(
            policy=enforcer.rules,
            roles=list(roles),
            **{'user_id': 'me', 'project_id': 'mine', **identity},
        )
        try:
            who.can(aggregates.INDEX, target)
        except exception.PolicyNotAuthorized as error:
            self.assertIn(aggregates.INDEX, str(error))
            return False
        return True


class EnforcerTest(EnforcerTestCase):
    """Rules, overrides and scopes."""

    def test_default(self) -> None:
        enforcer = self._enforcer()
        self.assertTrue(self._may(enforcer, 'admin'))
        self.assertFalse(self._may(enforcer, 'reader', 'member', 'manager'))
        self.assertFalse(self._may(enforcer))

    def test_override(self) -> None:
        self.file.write_text(f'"{aggregates.INDEX}": "role:reader"\n')
        enforcer = self._enforcer()
        self.assertTrue(self._may(enforcer, 'reader'))
        self.assertFalse(self._may(enforcer, 'admin'))

    def test_override_by_a_rule_of_nova(self) -> None:
        """An aggregate is of no project, so no rule on one lets pass."""
        passing = set()
        for rule in policies.base.RULES:
            self.file.write_text(f'"{aggregates.INDEX}": "rule:{rule.name}"\n')
            if self._may(self._enforcer(), 'admin', 'reader', 'member'):
                passing.add(rule.name)
            self.assertFalse(self._may(self._enforcer(), 'reader', 'member'))
        expected = {
            'context_is_admin',
            'admin_api',
            'admin_or_owner',
            'project_manager_or_admin',
            'project_member_or_admin',
            'project_reader_or_admin',
        }
        self.assertEqual(expected, passing)

    def test_decisions_are_those_of_an_identity(self) -> None:
        """Whatever was decided of others before, or of other things."""
        rule = 'user_id:me and (role:reader or domain_id:d or is_admin:True)'
        self.file.write_text(f'"{aggregates.INDEX}": "{rule}"\n')
        enforcer = self._enforcer()
        for _ in range(2):
            self.assertTrue(self._may(enforcer, 'reader'))
            self.assertFalse(self._may(enforcer, 'member'))
            self.assertTrue(self._may(enforcer, 'admin'))
            self.assertFalse(self._may(enforcer, 'reader', user_id='you'))

    def test_decisions_of_another_server(self) -> None:
        """They are asked for each time."""
        other = self.useFixture(Decider())
        rule = f'role:admin or http://127.0.0.1:{other.port}/decide'
        self.file.write_text(f'"{aggregates.INDEX}": "{rule}"\n')
        enforcer = self._enforcer()
        for answer in ('True', 'False', 'True'):
            other.answer = answer
            self.assertEqual(answer == 'True', self._may(enforcer, 'reader'))
        self.assertTrue(self._may(enforcer, 'admin'))

    def test_tokens_of_the_system_are_out_of_scope(self) -> None:
        enforcer = self._enforcer()
        scope: dict[str, Any] = {'project_id': None, 'system_scope': 'all'}
        self.assertFalse(self._may(enforcer, 'admin', **scope))

    def test_check(self) -> None:
        enforcer = self._enforcer()
        enforcer.check()
        self.file.write_text(f'"{aggregates.INDEX}": "role:reader"\n')
        enforcer.check()

    def test_check_of_a_broken_file(self) -> None:
        for text in ('"a: b', '{a: [}', '- a', 'a', 'a: 5'):
            self.file.write_text(text)
            error = self.assertRaises(
                exception.ConfigurationError, self._enforcer().check
            )
            self.assertIn('[oslo_policy]', str(error))

    def test_two_do_not_share(self) -> None:
        first = self._enforcer()
        self.file.write_text(f'"{aggregates.INDEX}": "role:reader"\n')
        second = policy.Enforcer(aggext_conf.load([]))
        self.assertTrue(self._may(first, 'reader'))
        self.assertFalse(self._may(second, 'reader'))


class TargetTest(EnforcerTestCase):
    """Rules that look at what is acted on."""

    OWN = 'project_id:%(project_id)s'

    def _override(self, rule: str, **others: str) -> None:
        rules = {aggregates.INDEX: rule, **others}
        self.file.write_text(json.dumps(rules))

    def test_own_project(self) -> None:
        """What belongs to somebody is his, whatever was asked before."""
        self._override(self.OWN)
        enforcer = self._enforcer()
        for _ in range(2):
            for project in ('mine', 'yours'):
                target = {'project_id': project}
                may = self._may(enforcer, target=target)
                self.assertEqual(project == 'mine', may)
                may = self._may(enforcer, target=target, project_id='yours')
                self.assertEqual(project == 'yours', may)

    def test_no_project(self) -> None:
        """What belongs to nobody is not his who has no project."""
        self._override(self.OWN)
        enforcer = self._enforcer()
        for target in ({}, {'project_id': None}, {'other': 'mine'}):
            for project in ('mine', None, 'None'):
                may = self._may(enforcer, target=target, project_id=project)
                self.assertFalse(may, f'{project} on {target}')

    def test_none_matches_none(self) -> None:
        """This is why nobody is told of a project that is None."""
        self._override(self.OWN)
        who = context.RequestContext(policy=self._enforcer().rules)
        target = {'project_id': None}
        self._enforcer().rules().authorize(aggregates.INDEX, target, who)
        self.assertRaises(
            exception.PolicyNotAuthorized, who.can, aggregates.INDEX, target
        )

    def test_stock_rules(self) -> None:
        """Those of aggregates do not look; others do that nobody asks."""
        enforcer = self._enforcer()
        looking = {
            rule.name
            for rule in policies.list_rules()
            if enforcer.rules().looks_at_target(rule.name)
        }
        of_projects = ('manager', 'member', 'reader')
        self.assertEqual(
            {
                'admin_or_owner',
                *(f'project_{one}_api' for one in of_projects),
                *(f'project_{one}_or_admin' for one in of_projects),
            },
            looking,
        )

    def test_looks(self) -> None:
        """By itself, or by a rule that it refers to."""
        for rule in (
            self.OWN,
            'role:admin or not (role:reader and project_id:%(project_id)s)',
            'role:%(role)s',
            'rule:project_reader_or_admin',
            'rule:first',
            'rule:context_is_admin or rule:first',
            'http://127.0.0.1/decide',
        ):
            self._override(rule, first='rule:second', second=self.OWN)
            enforcer = self._enforcer()
            self.assertTrue(
                enforcer.rules().looks_at_target(aggregates.INDEX), rule
            )
            self.assertFalse(
                enforcer.rules().looks_at_target(aggregates.SHOW), rule
            )

    def test_looks_not(self) -> None:
        for rule in (
            '@',
            '!',
            'role:admin and not project_id:mine',
            'rule:first or rule:first',
            'rule:nowhere',
            'rule:default',
        ):
            self._override(rule, first='rule:admin_api', second=self.OWN)
            enforcer = self._enforcer()
            self.assertFalse(
                enforcer.rules().looks_at_target(aggregates.INDEX), rule
            )

    def test_default_rule(self) -> None:
        """What is nowhere is what the rule of that name says."""
        self._override('rule:nowhere', default=self.OWN)
        enforcer = self._enforcer()
        self.assertTrue(enforcer.rules().looks_at_target(aggregates.INDEX))
        target = {'project_id': 'mine'}
        self.assertTrue(self._may(enforcer, target=target))

    def test_changed_rules(self) -> None:
        """They are looked at anew, and nothing is remembered of the old."""
        enforcer = self._enforcer()
        self.assertFalse(enforcer.rules().looks_at_target(aggregates.INDEX))
        self.assertFalse(self._may(enforcer, 'reader'))
        self._override('role:reader or project_id:%(project_id)s')
        enforcer = policy.Enforcer(self.conf, interval=0)
        self.assertTrue(enforcer.rules().looks_at_target(aggregates.INDEX))
        self.assertTrue(self._may(enforcer, 'reader'))
        self._override('role:writer')
        self.assertFalse(self._may(enforcer, 'reader'))
        self.assertFalse(enforcer.rules().looks_at_target(aggregates.INDEX))


class DecisionsTest(base.TestCase):
    """What was decided, remembered up to a number."""

    def test_forgotten(self) -> None:
        """What was not used for longest makes room."""
        decisions = policy.Decisions(2)
        decisions.put('a', True)
        decisions.put('b', False)
        self.assertIs(True, decisions.get('a'))
        decisions.put('c', True)
        self.assertIsNone(decisions.get('b'))
        self.assertIs(True, decisions.get('a'))
        self.assertIs(True, decisions.get('c'))

    def test_threads(self) -> None:
        """Several may come and go, while others are forgotten."""
        decisions = policy.Decisions(8)
        interval = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, interval)
        sys.setswitchinterval(1e-6)

        def use(start: int) -> None:
            for number in range(start, start + 20000):
                key = number % 16
                if decisions.get(key) not in (None, key % 2 == 0):
                    raise AssertionError(key)
                decisions.put(key, key % 2 == 0)

        with futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual([None] * 4, list(pool.map(use, range(4))))


class RulesTest(base.TestCase):
    """Names and defaults."""

    def test_names(self) -> None:
        names = [rule.name for rule in policies.list_rules()]
        self.assertEqual(sorted(set(names)), sorted(names))
        for action in (
            'index',
            'create',
            'show',
            'update',
            'delete',
            'add_host',
            'remove_host',
            'set_metadata',
        ):
            self.assertIn(f'os_compute_api:os-aggregates:{action}', names)
        self.assertIn('compute:aggregates:images', names)

    def test_admins_of_a_project(self) -> None:
        for rule in aggregates.list_rules():
            self.assertEqual('rule:context_is_admin', rule.check_str)
            self.assertEqual(['project'], rule.scope_types)

    def test_no_rule_stands_for_another(self) -> None:
        """The enforcer does not ask for such a rule."""
        for rule in policies.list_rules():
            self.assertIsNone(rule.deprecated_rule)


class ToolsTest(base.TestCase):
    """The enforcer of the oslopolicy tools."""

    def test_only_configuration_is_read_of_their_arguments(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        settings = os.path.join(folder, 'nova.conf')
        pathlib.Path(settings).write_text(
            '[oslo_policy]\npolicy_file = other.yaml\n'
        )
        for given in (
            [f'--config-file={settings}', '--namespace', 'nova_aggext'],
            ['--rule', 'x', '--config-file', settings],
        ):
            arguments = ['oslopolicy-checker', *given]
            with fixtures.MonkeyPatch('sys.argv', arguments):
                found = policy.get_enforcer()
            self.assertEqual('other.yaml', found.conf.oslo_policy.policy_file)
            self.assertIn(aggregates.INDEX, found.registered_rules)

    def test_configuration_of_the_filter(self) -> None:
        """It is found as the filter finds it, where none is named."""
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in ('nova.conf', 'dir/1.conf'):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'[oslo_policy]\npolicy_file = of-{path.name}\n')
        self.useFixture(
            fixtures.EnvironmentVariable('OS_NOVA_CONFIG_DIR', str(folder))
        )
        for given, expected in (
            ([], 'of-nova.conf'),
            (['--config-dir', str(folder / 'dir')], 'of-1.conf'),
        ):
            arguments = ['oslopolicy-checker', *given]
            with fixtures.MonkeyPatch('sys.argv', arguments):
                found = policy.get_enforcer()
            self.assertEqual(expected, found.conf.oslo_policy.policy_file)
