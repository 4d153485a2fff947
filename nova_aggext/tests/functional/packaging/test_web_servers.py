# SPDX-License-Identifier: Apache-2.0
"""The samples of web servers, in the web servers of this machine."""

import os
import pathlib
import shutil
from collections.abc import Mapping

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server
from nova_aggext.tests.functional.packaging import fronts
from nova_aggext.tests.functional.packaging import samples

CONFIG = 'OS_NOVA_AGGEXT_CONFIG_FILES'
BEHIND_PROXY = """
[oslo_middleware]
enable_proxy_headers_parsing = true
"""
CHANGE = {
    'change': {
        'aggregates': [
            {'op': 'create', 'name': 'east', 'hosts': {'add': ['host[1-2]']}},
            {'op': 'create', 'name': 'west', 'hosts': {'add': ['host[3-4]']}},
        ]
    }
}
# Seconds in which a request must have arrived, in the samples and here.
PATIENCE, SHORT = 10, 1

NGINX = """\
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    include {sample};
}}
"""
APACHE = """\
ServerRoot {folder}
ServerName 127.0.0.1
PidFile {folder}/apache2.pid
User {user}
Group {user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_host_module {modules}/mod_authz_host.so
LoadModule reqtimeout_module {modules}/mod_reqtimeout.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule wsgi_module {modules}/mod_wsgi.so
WSGISocketPrefix {folder}/wsgi
LogFormat "%h" combined
ErrorLog /dev/stderr
Include {sample}
"""
# Neither Apache nor mod_wsgi serves as root.
OTHER = 'www-data'
# The server is the tests' own, in folders that may be root's alone.
AS_OTHER = (
    'setpriv',
    f'--reuid={OTHER}',
    f'--regid={OTHER}',
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
)
MODULES = pathlib.Path('/usr/lib/apache2/modules')


class WebServerTest(base.TestCase):
    """What each of them must do."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        # Some serve as another user.
        self.folder.chmod(0o755)

    def listens(self) -> dict[str, str]:
        """Choose a port and a certificate; give what replaces the sample's."""
        samples.need('openssl')
        self.port = server.free_port()
        self.certificate = self.useFixture(fronts.Certificate())
        return {'192.0.2.20:8774': f'{fronts.HOST}:{self.port}'}

    def start(self, program: str, *options: str) -> fronts.Front:
        """Start a proxy that listens there."""
        found = samples.find(program)
        assert found is not None
        return self.useFixture(
            fronts.Front([found, *options], self.port, {}, self.certificate)
        )

    def check(self, front: fronts.Front) -> None:
        """Send what clients send, those that are slow among them."""
        answer = front.ask('POST', '/v2.1/os-aggext/changes', CHANGE)
        self.assertEqual(201, answer.status, answer.body.decode())
        answer = front.ask('GET', test_server.AGGREGATES)
        self.assertEqual(200, answer.status)
        shown = answer.json()['aggregates']
        self.assertEqual(['east', 'west'], [one['name'] for one in shown])
        answer = front.ask('GET', '/v2.1/os-aggext/aggregates/4711')
        self.assertEqual(404, answer.status)
        self.assertIn(b'4711', answer.body)
        self.check_slow(front)
        # A process that made everything before it parted would not.
        answer = front.ask(
            'POST', test_server.AGGREGATES, test_server.named('last')
        )
        self.assertEqual(200, answer.status)

    def check_slow(self, front: fronts.Front) -> None:
        """One who sends half a head is cut off."""
        with front.connect() as slow:
            slow.sendall(b'GET /v2.1/os-aggregates HTTP/1.1\r\nHost: ')
            try:
                told = slow.recv(4096)
            except ConnectionError:
                told = b''
        if told:
            self.assertRegex(told, rb'^HTTP/1\.[01] 408 ')

    def check_outside(self, front: fronts.Front) -> None:
        """Links are those of the proxy, and metrics are not for all."""
        links = front.ask('GET', '/v2.1/').json()['version']['links']
        (itself,) = [one for one in links if one['rel'] == 'self']
        address = f'https://{fronts.HOST}:{front.port}/'
        self.assertTrue(itself['href'].startswith(address), itself)
        self.assertEqual(200, front.ask('GET', '/metrics').status)
        refused = front.ask('GET', '/metrics', source=fronts.STRANGER)
        self.assertEqual(403, refused.status)


class ProxyTest(WebServerTest):
    """Those that stand in front of ``nova-aggext-api``."""

    def setUp(self) -> None:
        super().setUp()
        self.behind = server.Server('mysql', options=BEHIND_PROXY)

    def test_nginx(self) -> None:
        samples.need('nginx')
        replaced = self.listens()
        behind = self.useFixture(self.behind)
        sample = samples.place(
            'nginx/nova-aggext.conf',
            self.folder,
            {
                **replaced,
                '127.0.0.1:8775': f'{fronts.HOST}:{behind.port}',
                '/etc/ssl/nova-aggext.crt': str(self.certificate.crt),
                '/etc/ssl/nova-aggext.key': str(self.certificate.key),
                f'header_timeout {PATIENCE}s': f'header_timeout {SHORT}s',
            },
        )
        conf = self.folder / 'nginx.conf'
        conf.write_text(
            NGINX.format(folder=self.folder, sample=sample, user=fronts.user())
        )
        front = self.start('nginx', '-c', str(conf), '-e', 'stderr')
        self.check(front)
        self.check_outside(front)

    def test_haproxy(self) -> None:
        samples.need('haproxy')
        replaced = self.listens()
        behind = self.useFixture(self.behind)
        away = server.free_port()
        sample = samples.place(
            'haproxy/nova-aggext.cfg',
            self.folder,
            {
                **replaced,
                '192.0.2.21:8774': f'{fronts.HOST}:{behind.port}',
                '192.0.2.22:8774': f'{fronts.HOST}:{away}',
                '/etc/ssl/nova-aggext.pem': str(self.certificate.pem),
                f'http-request {PATIENCE}s': f'http-request {SHORT}s',
            },
        )
        front = self.start('haproxy', '-db', '-f', str(sample))
        self.check(front)
        self.check_outside(front)


class InsideTest(WebServerTest):
    """Those that have the application inside."""

    def setUp(self) -> None:
        super().setUp()
        served = self.useFixture(server.Server('mysql'))
        served.stop()
        self.environ = {CONFIG: served.conf_file}
        # It is read by another user.
        pathlib.Path(served.conf_file).parent.chmod(0o755)

    def place(self, name: str, changes: Mapping[str, str]) -> pathlib.Path:
        """Copy a sample, with an environment of the server's Python."""
        made = fronts.environment_of_debian(self.folder)
        return samples.place(
            name, self.folder, {**changes, '/opt/nova-aggext': str(made)}
        )

    def test_apache(self) -> None:
        samples.need('apache2')
        replaced = self.listens()
        script = 'apache2/nova-aggext.wsgi'
        owner = fronts.user()
        command: list[str | pathlib.Path] = []
        if os.geteuid() == 0:
            owner, command = OTHER, [*AS_OTHER]
            shutil.chown(self.folder, OTHER, OTHER)
        sample = self.place(
            'apache2/nova-aggext.conf',
            {
                **replaced,
                '/etc/ssl/nova-aggext.crt': str(self.certificate.crt),
                '/etc/ssl/nova-aggext.key': str(self.certificate.key),
                '/opt/nova-aggext/share/nova-aggext/' + script: str(
                    samples.ETC / script
                ),
                ' user=nova-aggext group=nova-aggext': '',
                f'header={PATIENCE}': f'header={SHORT}',
                'processes=4': 'processes=2',
                '/var/log/apache2': str(self.folder),
            },
        )
        conf = self.folder / 'apache2.conf'
        conf.write_text(
            APACHE.format(
                folder=self.folder, sample=sample, modules=MODULES, user=owner
            )
        )
        found = samples.find('apache2')
        assert found is not None
        front = self.useFixture(
            fronts.Front(
                [*command, found, '-DFOREGROUND', '-f', str(conf)],
                self.port,
                self.environ,
                self.certificate,
            )
        )
        self.check(front)
        self.check_outside(front)

    def test_uwsgi(self) -> None:
        samples.need('uwsgi')
        port = server.free_port()
        sample = self.place(
            'uwsgi/nova-aggext.ini',
            {
                '127.0.0.1:8775': f'{fronts.HOST}:{port}',
                'uid = nova-aggext': f'uid = {fronts.user()}',
                'gid = nova-aggext': f'gid = {fronts.group()}',
                'processes = 4': 'processes = 2',
                f'socket-timeout = {PATIENCE}': f'socket-timeout = {SHORT}',
            },
        )
        found = samples.find('uwsgi')
        assert found is not None
        front = self.useFixture(
            fronts.Front([found, '--ini', str(sample)], port, self.environ)
        )
        self.check(front)
