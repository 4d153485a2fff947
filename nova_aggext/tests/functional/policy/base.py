# SPDX-License-Identifier: Apache-2.0
"""Callers of all sorts, on both APIs, under the rules of a test."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import webob

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.db import database as db_database
from nova_aggext.db import reading
from nova_aggext.db import writing
from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional.changes import base

Document = base.Document
of = base.of
new_id = base.new_id
KINDS = base.KINDS
OWN = '/os-aggext'
NOVA = '/os-aggregates'

# Each aggregate is the affair of the project that owns it.
OF_OWNERS: Mapping[str, str] = {
    policies.INDEX: 'rule:project_reader_or_admin',
    policies.SHOW: 'rule:project_reader_or_admin',
    policies.UPDATE: 'rule:project_manager_or_admin',
    policies.DELETE: 'rule:project_manager_or_admin',
    policies.SET_METADATA: 'rule:project_manager_or_admin',
    policies.ADD_HOST: 'rule:project_manager_or_admin',
    policies.REMOVE_HOST: 'rule:project_manager_or_admin',
    policies.IMAGES: 'rule:project_manager_or_admin',
    own_policies.AGGREGATES_LIST: 'rule:project_reader_or_admin',
    own_policies.AGGREGATES_SHOW: 'rule:project_reader_or_admin',
}
MANAGER = ('manager', 'member', 'reader')


@dataclasses.dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request.

    :ivar project: None: the token has none
    :ivar scope: of the system, if the token is of it
    """

    project: str | None = 'p'
    roles: tuple[str, ...] = MANAGER
    user: str = 'me'
    scope: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What keystonemiddleware tells of it."""
        told = {
            'X-Roles': ','.join(self.roles),
            'X-User-Id': self.user,
            'X-Project-Id': self.project,
            'OpenStack-System-Scope': self.scope,
        }
        return {name: one for name, one in told.items() if one is not None}


ADMIN = Caller('admins', ('admin',), 'root')


class PolicyTestCase(base.ChangesTestCase):
    """An application without anything that identifies callers before it.

    :ivar one: an aggregate of project p
    :ivar other: one of project q
    :ivar free: one of nobody
    """

    rules: Mapping[str, str] = OF_OWNERS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1')
        self.other = self.create('other', 'h2')
        self.free = self.create('free', 'h3')
        self.give(self.one, 'p')
        self.give(self.other, 'q')
        self.allow(self.rules)

    def serve(self) -> None:
        """Serve; rules are read from a file that is there from the start."""
        self.policy_file = self.conf_file.with_name('policy.yaml')
        self.policy_file.write_text('{}')
        with self.conf_file.open('a') as conf_file:
            conf_file.write(
                f'[oslo_policy]\npolicy_file = {self.policy_file}\n'
            )
        made = services.Services(aggext_conf.load([str(self.conf_file)]))
        self.addCleanup(made.close)
        self.app = application.Application(made).api()

    def allow(self, rules: Mapping[str, str]) -> None:
        """Let other rules hold from now on."""
        self.policy_file.write_text(json.dumps(dict(rules)))

    def ask(
        self,
        who: Caller,
        method: str,
        path: str,
        body: Any = None,
        *,
        root: str = OWN,
    ) -> webob.Response:
        """Send a request."""
        request = webob.Request.blank(
            f'{root}{path}',
            method=method,
            headers={**who.headers, 'X-OpenStack-Nova-API-Version': '2.81'},
            base_url='http://a/v2.1',
        )
        if body is not None:
            request.json = body
        return request.get_response(self.app)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        **who: Any,
    ) -> webob.Response:
        """Send a request of an administrator."""
        return self.ask(ADMIN, method, path, body, root=OWN)

    def tell(
        self, who: Caller, *items: Document, query: str = '', **more: Any
    ) -> webob.Response:
        """Ask for a change by the own API."""
        change = {'aggregates': [*items], **more}
        if 'hosts' in more or 'revert' in more:
            change = {**more, **({'aggregates': [*items]} if items else {})}
        body = {'change': change}
        return self.ask(who, 'POST', f'/changes{query}', body)

    def act(
        self, who: Caller, one: Document, action: str, value: Any
    ) -> webob.Response:
        """Do something with an aggregate by Nova's API."""
        path = f'/{one["id"]}/action'
        return self.ask(who, 'POST', path, {action: value}, root=NOVA)

    def add(
        self, who: Caller, one: Document, host: str = 'h4'
    ) -> webob.Response:
        """Add a host by Nova's API."""
        return self.act(who, one, 'add_host', {'host': host})

    def give(self, one: Document, owner: str | None) -> None:
        """Let another project own an aggregate, or none; nobody is told."""

        def work(session: db_database.Session) -> None:
            (found,) = reading.some(session, [one['id']], annotated=True)
            given = dataclasses.replace(found, owner=owner)
            writing.write_annotations(session, [given])

        self.db.database.write(work)

    def hosts(self, one: Document) -> list[str]:
        """Give the hosts that an aggregate has."""
        found: list[str] = self.show(one['id'])['hosts']
        return found
