# SPDX-License-Identifier: Apache-2.0
"""The keystone pipeline against a real Keystone."""

import email.message
import json
import pathlib
import urllib.error
import urllib.request

import fixtures
import memcache

from nova_aggext.cmd import status
from nova_aggext.tests import base
from nova_aggext.tests.delivery import memcached
from nova_aggext.tests.functional import keystone
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.cmd import commands

OPTIONS = """
[api]
auth_strategy = keystone
[keystone_authtoken]
{authtoken}
memcached_servers = 127.0.0.1:{port}
"""


class Cloud(fixtures.Fixture):
    """A Keystone and a server that trusts it, and remembers its answers.

    :ivar keystone: the Keystone
    :ivar cache: where they are remembered
    :ivar server: the server
    """

    def _setUp(self) -> None:
        self.keystone = self.useFixture(keystone.Keystone())
        authtoken = '\n'.join(
            f'{name} = {value}'
            for name, value in self.keystone.authtoken_options().items()
        )
        self.cache = self.useFixture(memcached.Memcached())
        options = OPTIONS.format(authtoken=authtoken, port=self.cache.port)
        self.server = self.useFixture(server.Server(options=options))


class KeystoneTest(base.TestCase):
    """Who may do what with which token."""

    cloud: Cloud
    admin: keystone.Credentials
    reader: keystone.Credentials

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.cloud = Cloud()
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)
        users = cls.cloud.keystone
        cls.admin = users.user('operator', 'infra', ['admin'])
        cls.reader = users.user('auditor', 'infra', ['reader'])

    def get(
        self, token: str | None, path: str = '/os-aggregates', **more: str
    ) -> tuple[int, email.message.Message, bytes]:
        """Send a GET and give status, headers and body.

        Names of headers have no case: servers write them as they like.
        """
        headers = {name.replace('_', '-'): text for name, text in more.items()}
        if token is not None:
            headers['X-Auth-Token'] = token
        url = f'{self.cloud.server.url}/v2.1{path}'
        asked = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def test_admin_may_list(self) -> None:
        token = self.cloud.keystone.token_of(self.admin)
        status, headers, body = self.get(token)
        self.assertEqual(200, status)
        self.assertEqual({'aggregates': []}, json.loads(body))
        self.assertEqual('compute 2.1', headers['OpenStack-API-Version'])

    def test_tokens_are_cached(self) -> None:
        cache = memcache.Client([f'127.0.0.1:{self.cloud.cache.port}'])
        self.addCleanup(cache.disconnect_all)
        cache.flush_all()
        self.get(self.cloud.keystone.token_of(self.admin))
        ((_server, counted),) = cache.get_stats()
        self.assertNotEqual('0', counted['curr_items'])

    def test_reader_is_forbidden(self) -> None:
        token = self.cloud.keystone.token_of(self.reader)
        status, _headers, body = self.get(token)
        self.assertEqual(403, status)
        self.assertEqual(403, json.loads(body)['forbidden']['code'])

    def test_forged_roles_are_not_believed(self) -> None:
        token = self.cloud.keystone.token_of(self.reader)
        status, _headers, _body = self.get(
            token, X_Roles='admin', X_User_Id='admin', X_Project_Id='admin'
        )
        self.assertEqual(403, status)

    def test_forged_headers_replace_no_token(self) -> None:
        status, headers, _body = self.get(
            None,
            X_Roles='admin',
            X_User_Id='admin',
            X_Project_Id='admin',
            X_Identity_Status='Confirmed',
        )
        self.assertEqual(401, status)
        self.assertIn('WWW-Authenticate', headers)

    def test_expired_token_is_refused(self) -> None:
        token = self.cloud.keystone.expired_token(self.admin)
        self.assertEqual(401, self.get(token)[0])

    def test_revoked_token_is_refused(self) -> None:
        token = self.cloud.keystone.revoked_token(self.admin)
        self.assertEqual(401, self.get(token)[0])

    def test_project_in_the_path_must_be_the_tokens(self) -> None:
        token = self.cloud.keystone.token_of(self.admin)
        project = self.cloud.keystone.project_id('infra')
        own = f'/{project}/os-aggregates'
        other = '/0123456789abcdef0123456789abcdef/os-aggregates'
        self.assertEqual(200, self.get(token, own)[0])
        self.assertEqual(400, self.get(token, other)[0])

    def test_upgrade_check(self) -> None:
        """Whether Keystone lets the server in is found out."""
        conf_file = self.cloud.server.conf_file
        ended = commands.run(
            status.main, '--config-file', conf_file, 'upgrade', 'check'
        )
        self.assertEqual(0, ended.status, ended.out)
        other = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'c')
        other.write_text('[keystone_authtoken]\npassword = sekret\n')
        ended = commands.run(
            status.main,
            '--config-file',
            conf_file,
            '--config-file',
            str(other),
            'upgrade',
            'check',
        )
        self.assertEqual(2, ended.status, ended.out)
        self.assertIn('[keystone_authtoken]', ended.out)
        self.assertNotIn('sekret', ended.out)

    def test_version_document_needs_no_token(self) -> None:
        status, _headers, body = self.get(None, '/')
        self.assertEqual(200, status)
        self.assertEqual('v2.1', json.loads(body)['version']['id'])
