# SPDX-License-Identifier: Apache-2.0
"""A real placement from PyPI, and a proxy before it.

The proxy records what is asked, and fails as it is told.
"""

from collections.abc import Collection
import json
import pathlib
import shutil
from typing import Any
import urllib.error
import urllib.request
import uuid

import fixtures

from nova_aggext.tests.delivery import proxy
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import processes

_THIS = pathlib.Path(__file__).resolve()
_REQUIREMENTS = _THIS.with_name('placement-requirements.txt')
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_CONF = """\
[DEFAULT]
log_file = {folder}/placement.log
[api]
auth_strategy = noauth2
[placement_database]
connection = sqlite:///{folder}/placement.sqlite
"""

# What a server of ours needs to find it.
OPTIONS = """
[placement]
auth_type = admin_token
token = admin
endpoint = {url}
endpoint_override = {url}
"""


class Placement(fixtures.Fixture):
    """A placement without any provider.

    :ivar proxy: the proxy before it, for who is tested
    :ivar process: the real one
    """

    def _setUp(self) -> None:
        venv = venvs.venv('placement', _REQUIREMENTS)
        empty = venvs.part(venv, 'empty', _make_database, _THIS)
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        shutil.copy(empty / 'placement.sqlite', folder)
        _write_conf(folder)
        self.process = self.useFixture(
            processes.gunicorn(
                venv / 'bin/gunicorn',
                folder,
                'placement.wsgi.api:application',
                {'OS_PLACEMENT_CONFIG_DIR': str(folder)},
            )
        )
        target = self.process.url.removeprefix('http://')
        self.proxy = self.useFixture(proxy.Proxy(target))

    @property
    def options(self) -> str:
        """The options of a server that is to use it, through the proxy."""
        return OPTIONS.format(url=self.proxy.url)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Ask it, past the proxy; give the JSON of its answer."""
        asked = urllib.request.Request(
            self.process.url + path,
            None if body is None else json.dumps(body).encode(),
            {
                'X-Auth-Token': 'admin',
                'OpenStack-API-Version': 'placement 1.20',
                'Content-Type': 'application/json',
            },
            method=method,
        )
        with _DIRECT.open(asked, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add_provider(self, name: str, key: str | None = None) -> str:
        """Make a provider; give its uuid."""
        body = {'name': name, 'uuid': key or str(uuid.uuid4())}
        made = self.request('POST', '/resource_providers', body)
        return str(made['uuid'])

    def aggregates(self, provider: str) -> set[str]:
        """Give the aggregates of a provider."""
        found = self.request('GET', _aggregates(provider))
        return set(found['aggregates'])

    def set_aggregates(self, provider: str, keys: Collection[str]) -> None:
        """Set the aggregates of a provider, and so change its generation."""
        found = self.request('GET', _aggregates(provider))
        generation = found['resource_provider_generation']
        body = {
            'aggregates': sorted(keys),
            'resource_provider_generation': generation,
        }
        self.request('PUT', _aggregates(provider), body)

    def disturb(self, provider: str) -> None:
        """Change the generation of a provider, and nothing else."""
        self.set_aggregates(provider, self.aggregates(provider))


def _aggregates(provider: str) -> str:
    return f'/resource_providers/{provider}/aggregates'


def _write_conf(folder: pathlib.Path) -> pathlib.Path:
    path = folder / 'placement.conf'
    path.write_text(_CONF.format(folder=folder))
    return path


def _make_database(venv: pathlib.Path, folder: pathlib.Path) -> None:
    conf = _write_conf(folder)
    manage = venv / 'bin/placement-manage'
    venvs.run(manage, '--config-file', conf, 'db', 'sync')
