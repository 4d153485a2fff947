# SPDX-License-Identifier: Apache-2.0
"""The policy of a Nova decides the same in Nova and in the filter.

One policy.yaml has every rule that Nova has, and overrides of ours. Every
caller does everything, with and without the filter; who is forbidden what
must be equal.
"""

from collections.abc import Mapping
import json
import pathlib
import re
from typing import Any, ClassVar
import uuid

from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import processes

ROOT = 'os_compute_api:os-aggregates'
# Overrides as operators write them, by what they refer to.
ROLES = {
    f'{ROOT}:index': 'role:reader',
    f'{ROOT}:set_metadata': 'role:operator or rule:context_is_admin',
    f'{ROOT}:delete': '!',
    f'{ROOT}:update': '',
}
BASE_RULES = {
    'context_is_admin': 'role:admin or role:operator',
    f'{ROOT}:index': 'rule:project_reader_or_admin',
    f'{ROOT}:show': 'rule:project_reader_api',
    f'{ROOT}:create': 'rule:admin_api',
    f'{ROOT}:add_host': 'rule:project_manager_api',
    f'{ROOT}:remove_host': 'rule:admin_or_owner',
    f'{ROOT}:set_metadata': 'rule:project_member_or_admin',
}
# One that not every release has.
SERVICE_RULES = {
    **BASE_RULES,
    f'{ROOT}:add_host': 'rule:project_manager_api or rule:service_api',
}
OWN_BASE_RULES = {
    'storage_team': 'role:storage and project_id:%(project_id)s',
    f'{ROOT}:index': 'rule:storage_team or user_id:special',
    f'{ROOT}:show': 'is_admin:True',
    f'{ROOT}:create': 'not role:reader',
    f'{ROOT}:add_host': 'rule:no_such_rule',
}
OVERRIDES: tuple[dict[str, str], ...] = (
    {},
    ROLES,
    BASE_RULES,
    SERVICE_RULES,
    OWN_BASE_RULES,
)

ITEM = f'{base.AGGREGATES}/999999'
_LIST, _SHOW = (f'GET {path} None' for path in (base.AGGREGATES, ITEM))
# Nova asks for no project. Here who passes in his own sees what that owns:
# by the rule for each, what Nova forbids and who is not forbidden it.
OF_OWNERS = {
    (f'{ROOT}:index', 'rule:project_reader_or_admin'): (
        _LIST,
        ('manager', 'member', 'reader'),
    ),
    (f'{ROOT}:show', 'rule:project_reader_api'): (
        _SHOW,
        ('admin', 'manager', 'member', 'reader'),
    ),
    (f'{ROOT}:index', 'rule:storage_team or user_id:special'): (
        _LIST,
        ('storage',),
    ),
}

CALLERS: dict[str, dict[str, str]] = {
    'admin': {},
    'manager': {'X-Roles': 'manager,member,reader'},
    'member': {'X-Roles': 'member,reader'},
    'reader': {'X-Roles': 'reader'},
    'operator': {'X-Roles': 'operator'},
    'storage': {'X-Roles': 'storage'},
    'service': {'X-Roles': 'service'},
    'special': {'X-Roles': 'none', 'X-User-Id': 'special'},
    'capitals': {'X-Roles': 'ADMIN'},
    'system': {'OpenStack-System-Scope': 'all'},
    'system-reader': {'OpenStack-System-Scope': 'all', 'X-Roles': 'reader'},
}

ACTION = f'{ITEM}/action'
NAME = {'aggregate': {'name': 'x'}}
# Nothing of this changes anything; create is done apart.
CALLS: tuple[tuple[str, str, Any], ...] = (
    ('GET', base.AGGREGATES, None),
    ('GET', ITEM, None),
    ('PUT', ITEM, NAME),
    ('DELETE', ITEM, None),
    ('POST', ACTION, {'add_host': {'host': 'x'}}),
    ('POST', ACTION, {'remove_host': {'host': 'x'}}),
    ('POST', ACTION, {'set_metadata': {'metadata': {'a': 'b'}}}),
)


def but_for_owners(
    forbidden: Mapping[str, list[str]], overrides: Mapping[str, str]
) -> dict[str, list[str]]:
    """Take out what owners may do here, and nobody with a project there."""
    left = {caller: [*calls] for caller, calls in forbidden.items()}
    for rule in overrides.items():
        call, callers = OF_OWNERS.get(rule, ('', ()))
        for caller in callers:
            left[caller].remove(call)
    return left


class PolicyTest(base.PeerTest):
    """With the defaults of ``[oslo_policy]``."""

    OPTIONS: ClassVar[str] = ''

    nova: ClassVar[clouds.Nova]
    filtered: ClassVar[processes.Process]
    plain: ClassVar[processes.Process]
    every_rule: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.every_rule = every_rule(cls.nova)
        cls.nova.configure(f'[oslo_policy]\n{cls.OPTIONS}')
        cls.write({})
        cls.nova.sync()
        cls.plain = cls.nova.serve(filtered=False)
        cls.filtered = cls.nova.serve(filtered=True)

    @classmethod
    def policy_file(cls) -> pathlib.Path:
        """Return the file, where Nova looks for it by default."""
        return cls.nova.folder / 'policy.yaml'

    @classmethod
    def write(cls, overrides: Mapping[str, str]) -> None:
        """Write all rules of Nova, then overrides."""
        ours = [f'"{name}": "{rule}"\n' for name, rule in overrides.items()]
        cls.policy_file().write_text(cls.every_rule + ''.join(ours))

    def has(self, rule: str) -> bool:
        """Tell whether Nova has a rule."""
        return f'"{rule}": ' in self.every_rule

    def forbidden(self, server: processes.Process) -> dict[str, list[str]]:
        """Return which calls are forbidden to whom."""
        return {
            caller: [
                f'{method} {path} {body}'
                for method, path, body in CALLS
                if self.is_refused(
                    self.call(server, method, path, body, headers)
                )
            ]
            + ['create'] * self.is_refused(self.create(server, headers))
            for caller, headers in CALLERS.items()
        }

    def create(
        self, server: processes.Process, headers: Mapping[str, str]
    ) -> client.Answer:
        """Try to make an aggregate."""
        body = {'aggregate': {'name': uuid.uuid4().hex}}
        return self.call(server, 'POST', base.AGGREGATES, body, headers)

    def is_refused(self, answer: client.Answer) -> bool:
        """Tell whether an answer is 403; it must be of Nova's form then."""
        self.assertLess(answer.status, 500, str(answer.body))
        if answer.status == 403:
            self.assertEqual(403, json.loads(answer.body)['forbidden']['code'])
        return answer.status == 403

    def test_the_same_is_forbidden(self) -> None:
        """Each change of the file counts at once, without a restart."""
        seen = []
        for overrides in OVERRIDES:
            if overrides == SERVICE_RULES and not self.has('service_api'):
                continue
            self.write(overrides)
            theirs = self.forbidden(self.plain)
            ours = but_for_owners(theirs, overrides)
            self.assertEqual(ours, self.forbidden(self.filtered))
            seen.append(theirs)
        for one, next_one in zip(seen, seen[1:], strict=False):
            self.assertNotEqual(one, next_one)


class OldPolicyTest(PolicyTest):
    """Without scopes, and with the old defaults beside the new ones."""

    OPTIONS = 'enforce_scope = false\nenforce_new_defaults = false\n'


class PolicyToolsTest(base.PeerTest):
    """The tools of oslo.policy on our rules, with the file of a Nova."""

    def setUp(self) -> None:
        super().setUp()
        self.nova = self.useFixture(clouds.Nova())
        policy_file = self.nova.folder / 'policy.yaml'
        policy_file.write_text(
            every_rule(self.nova) + f'"{ROOT}:index": "role:reader"\n'
        )

    def run_tool(self, program: str, *arguments: str) -> str:
        """Run a tool on our namespace; return what it says."""
        return self.nova.environment.succeed(
            program,
            self.nova.conf_file,
            '--namespace',
            'nova_aggext',
            *arguments,
        )

    def test_redundant_rules_are_listed(self) -> None:
        said = self.run_tool('oslopolicy-list-redundant')
        self.assertIn(f'"{ROOT}:show"', said)
        self.assertNotIn(f'"{ROOT}:index"', said)

    def test_policy_is_generated(self) -> None:
        said = self.run_tool('oslopolicy-policy-generator')
        self.assertIn(f'"{ROOT}:index": "role:reader"', said)


def every_rule(nova: clouds.Nova) -> str:
    """Return a policy file with every rule as Nova has it by default."""
    sample = nova.environment.succeed(
        'oslopolicy-sample-generator', nova.conf_file, '--namespace', 'nova'
    )
    rules = re.findall(r'^#("[^"]+": .*)$', sample, re.MULTILINE)
    if len(rules) < 100:
        raise ValueError(f'only {len(rules)} rules in {sample}')
    return ''.join(f'{rule}\n' for rule in rules)
