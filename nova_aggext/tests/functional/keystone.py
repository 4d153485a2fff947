# SPDX-License-Identifier: Apache-2.0
"""A real Keystone from PyPI, run on loopback with SQLite.

It lives in a virtual environment of its own, made once together with a
bootstrapped home that every started server gets a copy of.
"""

from collections.abc import Sequence
import dataclasses
import datetime
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import time
from typing import Any
import uuid

import fixtures
from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exceptions
from keystoneauth1.identity import v3
from keystoneauth1 import session as ksa_session

from nova_aggext.tests.functional import venvs

REGION = 'RegionOne'
START_SECONDS = 120
STOP_SECONDS = 10

_THIS = pathlib.Path(__file__).resolve()
_REQUIREMENTS = _THIS.with_name('keystone-requirements.txt')
_ADMIN_PASSWORD = 'admin-secret'

_KEYSTONE_CONF = """\
[database]
connection = sqlite:///{home}/keystone.db
[fernet_tokens]
key_repository = {home}/fernet
[credential]
key_repository = {home}/credential
[cache]
enabled = true
backend = oslo_cache.dict
[identity]
password_hash_rounds = 4
[token]
expiration = {expiration}
"""

# Keystone parses sys.argv, so that gunicorn may get no argument at all: it
# reads this file, gunicorn.conf.py, from its working directory.
_GUNICORN_CONF = """\
wsgi_app = 'keystone.wsgi.api:application'
bind = 'fd://{fd}'
worker_class = 'gthread'
threads = 4
graceful_timeout = 1
control_socket_disable = True
"""


def _configure(home: pathlib.Path, expiration: int = 3600) -> pathlib.Path:
    """Write keystone.conf into a home and return its path."""
    path = home / 'keystone.conf'
    path.write_text(_KEYSTONE_CONF.format(home=home, expiration=expiration))
    return path


def _bootstrap(venv: pathlib.Path, home: pathlib.Path) -> None:
    """Make the home that servers copy: schema, keys, administrator."""
    manage = (venv / 'bin/keystone-manage', '--config-file', _configure(home))
    user = f'--keystone-user={os.getuid()}'
    group = f'--keystone-group={os.getgid()}'
    venvs.run(*manage, 'db_sync')
    venvs.run(*manage, 'fernet_setup', user, group)
    venvs.run(*manage, 'credential_setup', user, group)
    venvs.run(*manage, 'bootstrap', '--bootstrap-password', _ADMIN_PASSWORD)


@dataclasses.dataclass(frozen=True)
class Credentials:
    """A user of one Keystone and the project it works in."""

    auth_url: str
    username: str
    password: str
    project_name: str
    user_domain_name: str = 'Default'
    project_domain_name: str = 'Default'

    def options(self) -> dict[str, Any]:
        """Return keystoneauth's options of the plugin ``password``."""
        return dataclasses.asdict(self)

    def environment(self) -> dict[str, str]:
        """Return the variables that python-openstackclient reads."""
        options = self.options() | {
            'auth_type': 'password',
            'identity_api_version': '3',
            'region_name': REGION,
        }
        return {f'OS_{name.upper()}': v for name, v in options.items()}

    def plugin(self) -> v3.Password:
        """Return a plugin for a session of keystoneauth."""
        return v3.Password(**self.options())


class Keystone(fixtures.Fixture):
    """A running Keystone, with an administrator and the user ``nova``.

    :param token_expiration: the life of a token, in seconds
    """

    def __init__(self, token_expiration: int = 3600) -> None:
        super().__init__()
        self.token_expiration = token_expiration

    def setUp(self) -> None:
        """Start; SkipTest comes out as it is, not as a broken fixture."""
        self._venv = venvs.venv('keystone', _REQUIREMENTS)
        self._bootstrapped = venvs.part(self._venv, 'home', _bootstrap, _THIS)
        super().setUp()

    def _setUp(self) -> None:
        temporary = self.useFixture(fixtures.TempDir()).path
        self.home = pathlib.Path(temporary, 'keystone')
        shutil.copytree(self._bootstrapped, self.home)
        self.log_file = self.home / 'keystone.log'
        self._start()
        self._session = ksa_session.Session(timeout=START_SECONDS)
        self._wait()
        self.admin = Credentials(self.url, 'admin', _ADMIN_PASSWORD, 'admin')
        self._api = self._client(self.admin)
        self._register('keystone', 'identity', self.url)
        self.service = self.user('nova', 'service', ['service'])

    def _start(self) -> None:
        """Start gunicorn; it inherits a listening socket on a free port."""
        with socket.create_server(('127.0.0.1', 0), backlog=64) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.url = f'http://127.0.0.1:{listener.getsockname()[1]}/v3'
            self._process = self._spawn(listener.fileno())
        self.addCleanup(self._stop)

    def _spawn(self, fd: int) -> subprocess.Popen[bytes]:
        """Run Keystone on the listening socket ``fd``."""
        conf = _configure(self.home, self.token_expiration)
        settings = _GUNICORN_CONF.format(fd=fd)
        self.home.joinpath('gunicorn.conf.py').write_text(settings)
        with self.log_file.open('wb') as log:
            return subprocess.Popen(
                [self._venv / 'bin/gunicorn'],
                cwd=self.home,
                env=venvs.environment()
                | {'OS_KEYSTONE_CONFIG_FILES': str(conf)},
                pass_fds=[fd],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _stop(self) -> None:
        """Ask the process to end, and kill it when it does not."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        """Return when the server answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            dead = self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                log = self.log_file.read_text(errors='replace')
                raise RuntimeError(f'Keystone is not up: {log[-3000:]}')
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Return whether version discovery is served."""
        try:
            self._session.get(self.url)
        except ksa_exceptions.ClientException:
            return False
        return True

    def _client(self, credentials: Credentials) -> adapter.Adapter:
        """Return a client of the identity API, used as the given user."""
        return adapter.Adapter(
            self._session,
            auth=credentials.plugin(),
            endpoint_override=self.url,
        )

    def _ensure(self, kind: str, name: str, **attributes: object) -> str:
        """Return the id of a thing by its name; make it when absent."""
        path = f'/{kind}s'
        found = self._api.get(path, params={'name': name}).json()[f'{kind}s']
        if not found:
            body = {kind: {'name': name, **attributes}}
            found = [self._api.post(path, json=body).json()[kind]]
        return str(found[0]['id'])

    def project_id(self, name: str) -> str:
        """Return the id of a project, made if absent."""
        return self._ensure('project', name, domain_id='default')

    def user(
        self, name: str, project: str, roles: Sequence[str]
    ) -> Credentials:
        """Return a user with the roles on the project, made if absent.

        Roles that the user has already stay.
        """
        password = f'{name}-secret'
        project_id = self.project_id(project)
        user_id = self._ensure(
            'user', name, domain_id='default', password=password
        )
        for role in roles:
            role_id = self._ensure('role', role)
            grant = f'users/{user_id}/roles/{role_id}'
            self._api.put(f'/projects/{project_id}/{grant}')
        return Credentials(self.url, name, password, project)

    def register_compute(self, url: str) -> None:
        """Put the URL into the catalog, as the one of Nova's API."""
        self._register('nova', 'compute', url)

    def _register(self, name: str, service_type: str, url: str) -> None:
        """Make the URL the only endpoint of a service."""
        service_id = self._ensure('service', name, type=service_type)
        old = self._api.get('/endpoints', params={'service_id': service_id})
        for endpoint in old.json()['endpoints']:
            self._api.delete(f'/endpoints/{endpoint["id"]}')
        common = {'region': REGION, 'service_id': service_id, 'url': url}
        for interface in ('public', 'internal', 'admin'):
            endpoint = {**common, 'interface': interface}
            self._api.post('/endpoints', json={'endpoint': endpoint})

    def authtoken_options(self) -> dict[str, str]:
        """Return ``[keystone_authtoken]`` for the user ``nova``."""
        return self.service.options() | {
            'auth_type': 'password',
            'www_authenticate_uri': self.url,
            'region_name': REGION,
            'service_token_roles': 'service',
            'service_token_roles_required': 'true',
        }

    def token_of(self, credentials: Credentials) -> str:
        """Return a new token of the user, on its project."""
        return self._issue(credentials.plugin())

    def _issue(self, plugin: v3.Auth) -> str:
        """Return the token that a plugin gets."""
        access: Any = plugin.get_access(self._session)
        return str(access.auth_token)

    def token(self, user: str, project: str, roles: Sequence[str]) -> str:
        """Return a token of a user, which is made if absent."""
        return self.token_of(self.user(user, project, roles))

    def admin_token(self) -> str:
        """Return a new token of the administrator."""
        return self.token_of(self.admin)

    def revoke(self, token: str) -> None:
        """Revoke a token."""
        self._api.delete('/auth/tokens', headers={'X-Subject-Token': token})

    def revoked_token(self, credentials: Credentials) -> str:
        """Return a token that has been revoked."""
        token = self.token_of(credentials)
        self.revoke(token)
        return token

    def short_lived_token(
        self, credentials: Credentials, seconds: float = 2
    ) -> str:
        """Return a token that is valid for so many seconds only.

        It comes from an application credential: a token never outlives that.
        """
        life = datetime.timedelta(seconds=seconds)
        end = datetime.datetime.now(datetime.UTC) + life
        body = {
            'name': uuid.uuid4().hex,
            'secret': secrets.token_urlsafe(),
            'expires_at': end.strftime('%Y-%m-%dT%H:%M:%S.%fZ'),
        }
        plugin = v3.ApplicationCredential(
            self.url,
            application_credential_id=self._delegate(credentials, body),
            application_credential_secret=body['secret'],
        )
        return self._issue(plugin)

    def _delegate(self, credentials: Credentials, body: object) -> str:
        """Make an application credential of the user; return its id."""
        client = self._client(credentials)
        path = f'/users/{client.get_user_id()}/application_credentials'
        made = client.post(path, json={'application_credential': body})
        return str(made.json()['application_credential']['id'])

    def expired_token(self, credentials: Credentials) -> str:
        """Return a token whose time is up: this waits 2 s for it."""
        token = self.short_lived_token(credentials, seconds=2)
        time.sleep(2)
        return token
