# SPDX-License-Identifier: Apache-2.0
"""A standalone server with some hosts, and changes that are sent to it."""

import atexit
import functools
import gc
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any

import fixtures
import sqlalchemy as sa
import webob

from nova_aggext import deploy
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

ROOT = '/v2.1/os-aggext'
NOVA = '/v2.1/os-aggregates'
HOSTS = ('h1', 'h2', 'h3', 'h4')
# It has instances.
BUSY = 'busy'
KINDS = [(kind, {'kind': kind}) for kind in databases.KINDS]
# No thread of a test outlives it.
QUIET = """
[aggext_outbox]
relay = false
"""
TOLD = """
[DEFAULT]
transport_url = fake://
[oslo_messaging_notifications]
driver = messagingv2
"""

Document = dict[str, Any]
Rows = dict[str, list[sa.Row[Any]]]


class ChangesTestCase(base.TestCase):
    """Sends changes to an application in this process."""

    kind = 'sqlite'
    # What the configuration has beside the database.
    options = ''

    def setUp(self) -> None:
        super().setUp()
        self.db = _database(self.kind)
        self.db.database.write(_empty)
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf_file = folder / 'nova-aggext.conf'
        common = pathlib.Path(self.db.conf_file).read_text()
        self.conf_file.write_text(common + QUIET + self.options)
        self.inventory = registered.RegisteredHosts(
            self.db.conf, self.db.database
        )
        self.inventory.add_host(*HOSTS)
        self.inventory.add_host(BUSY, instances=2)
        self.serve()
        self.addCleanup(self.let_go)

    def let_go(self) -> None:
        """Give back the connections of what serves: all share a database."""
        del self.app
        gc.collect()

    def serve(self) -> None:
        """Serve with the configuration as it is now."""
        self.app = deploy.load([str(self.conf_file)])

    def allow(self, rules: Mapping[str, str]) -> None:
        """Serve with a policy file."""
        path = self.conf_file.with_name('policy.yaml')
        path.write_text(
            ''.join(f'"{name}": "{check}"\n' for name, check in rules.items())
        )
        with self.conf_file.open('a') as conf_file:
            conf_file.write(f'[oslo_policy]\npolicy_file = {path}\n')
        self.serve()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        roles: str = 'admin',
        user: str = 'me',
        project: str = 'abc',
        root: str = ROOT,
        content_type: str = 'application/json',
    ) -> webob.Response:
        """Send a request; a body that is no bytes is written as JSON."""
        request = webob.Request.blank(
            f'{root}{path}',
            method=method,
            headers={
                'X-Roles': roles,
                'X-User-Id': user,
                'X-Project-Id': project,
            },
        )
        if isinstance(body, bytes):
            request.content_type = content_type
            request.body = body
        elif body is not None:
            request.json = body
        return request.get_response(self.app)

    def post(
        self, change: Document, query: str = '', **who: str
    ) -> webob.Response:
        """Ask for a change."""
        return self.send('POST', f'/changes{query}', {'change': change}, **who)

    def put(
        self, number: str, change: Document, query: str = '', **who: str
    ) -> webob.Response:
        """Ask for a change by an id."""
        path = f'/changes/{number}{query}'
        return self.send('PUT', path, {'change': change}, **who)

    def made(self, answer: webob.Response, status: int = 201) -> Document:
        """Give the change of an answer."""
        self.assertEqual(status, answer.status_int, answer.text)
        found: Document = answer.json['change']
        return found

    def change(self, *items: Document, **more: Any) -> Document:
        """Make a change that has an effect."""
        return self.made(self.post({'aggregates': [*items], **more}))

    def plan(self, change: Document) -> Document:
        """Plan a change that is not refused."""
        return self.made(self.post(change, '?dry_run=true'), 200)

    def create(self, name: str, *hosts: str, **more: Any) -> Document:
        """Make an aggregate; give it as it is shown."""
        item = {'op': 'create', 'name': name, **more}
        if hosts:
            item['hosts'] = {'add': [*hosts]}
        (effect,) = self.change(item)['effects']
        return self.show(effect['aggregate']['id'])

    def show(self, one: int | str) -> Document:
        """Show an aggregate by id or uuid."""
        answer = self.send('GET', f'/aggregates/{one}')
        self.assertEqual(200, answer.status_int, answer.text)
        found: Document = answer.json['aggregate']
        return found

    def nova(self, path: str, body: Any, method: str = 'POST') -> Any:
        """Change an aggregate through Nova's API."""
        answer = self.send(method, path, body, root=NOVA)
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json if answer.body else None

    def refused(
        self, answer: webob.Response, status: int, *codes: str
    ) -> list[Document]:
        """Check the errors of an answer, and give them."""
        self.assertEqual(status, answer.status_int, answer.text)
        errors: list[Document] = answer.json['errors']
        told = [one['code'].removeprefix('host-aggregate.') for one in errors]
        self.assertEqual([*codes], told, answer.text)
        self.assertEqual({status}, {one['status'] for one in errors})
        return errors

    def rows(self) -> Rows:
        """Read all tables, but for the locks' generations."""

        def work(session: db_database.Session) -> Rows:
            return {
                table.name: list(
                    session.execute(sa.select(table).order_by(*table.c))
                )
                for table in models.METADATA.sorted_tables
                if table is not models.locks
            }

        return self.db.database.read(work)

    def unchanged(self, before: Rows) -> None:
        """Check that nothing was written since."""
        after = self.rows()
        differ = [name for name in before if before[name] != after[name]]
        self.assertEqual([], differ)


@functools.cache
def _database(kind: str) -> databases.Database:
    """Make a database of a kind, once a process: that takes a while."""
    made = databases.Database(kind)
    made.setUp()
    atexit.register(made.cleanUp)
    return made


def _empty(session: db_database.Session) -> None:
    for table in reversed(models.METADATA.sorted_tables):
        session.execute(sa.delete(table))


def again(change: Document) -> Document:
    """Give what sends the effects of a change again."""
    return {'aggregates': [_asked(one) for one in change['effects']]}


def _asked(effect: Document) -> Document:
    left = {'before', 'etag', 'etag_before'}
    if effect['op'] == 'create':
        left.add('aggregate')
    return {name: one for name, one in effect.items() if name not in left}


def of(aggregate: Document, **more: Any) -> Document:
    """Give an item of an aggregate that is there."""
    return {'aggregate': {'id': aggregate['id']}, **more}


def new_id() -> str:
    """Give an id for a change."""
    return str(uuid.uuid4())
