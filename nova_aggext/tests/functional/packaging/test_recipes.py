# SPDX-License-Identifier: Apache-2.0
"""The recipes of ``deploy``: what each of them makes passes our checks."""

import configparser
import io
import pathlib
import re
import subprocess
from typing import Any

import fixtures
import jinja2
import yaml

from nova_aggext.cmd import paste_check
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server
from nova_aggext.tests.functional.packaging import fronts
from nova_aggext.tests.functional.packaging import samples
from nova_aggext.tests.functional.packaging import test_web_servers

DEPLOY = samples.TOP / 'deploy'
RULES = (
    'aggext_reader',
    'os_compute_api:os-aggregates:index',
    'os_compute_api:os-aggregates:show',
)
# As in Nova 34.0.0: the pipelines, and what ends them.
V21 = 'composite:openstack_compute_api_v21'
LEGACY = f'{V21}_legacy_v2_compatible'
BEFORE = (
    'cors http_proxy_to_wsgi compute_req_id faultwrap request_log sizelimit '
    'osprofiler authtoken keystonecontext'
)
NOVA = f"""\
[{V21}]
use = call:nova.api.auth:pipeline_factory_v21
keystone = {BEFORE} osapi_compute_app_v21

[{LEGACY}]
use = call:nova.api.auth:pipeline_factory_v21
keystone = {BEFORE} legacy_v2_compatible osapi_compute_app_v21

[filter:audit]
paste.filter_factory = keystonemiddleware.audit:filter_factory

[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory

[filter:legacy_v2_compatible]
paste.filter_factory = nova.api.openstack:LegacyV2CompatibleWrapper.factory

[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
""" + ''.join(
    f'[filter:{name}]\npaste.filter_factory = nova:{name}\n'
    for name in BEFORE.split()[:-2]
)


class RecipesTest(base.TestCase):
    """Rendered as the tools do it."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.paste = self.folder / 'api-paste.ini'
        self.paste.write_text(NOVA)

    def load(self, name: str) -> Any:
        """Read a file of YAML."""
        return yaml.safe_load((DEPLOY / name).read_text())

    def check_paste(self) -> None:
        """The filter is in both pipelines."""
        found = paste_check.check(self.paste)
        self.assertEqual(2, len(found))
        self.assertTrue(paste_check.is_right(found), found)

    def check_policy(self, rules: dict[str, str]) -> None:
        """The checks of this package can read it, and know its rules."""
        self.assertEqual(set(RULES), set(rules))
        policy = self.folder / 'policy.yaml'
        policy.write_text(yaml.safe_dump(rules))
        db = self.useFixture(databases.Database())
        conf_file = pathlib.Path(db.conf_file)
        conf_file.write_text(
            f'{conf_file.read_text()}[oslo_policy]\npolicy_file = {policy}\n'
        )
        served = server.Server(conf_file=str(conf_file))
        with served:
            for role, status in (('host_aggregate_reader', 200), ('x', 403)):
                connection = test_server.connect(served.port)
                connection.request(
                    'GET', test_server.AGGREGATES, headers={'X-Roles': role}
                )
                answer = test_server.receive(connection)
                connection.close()
                self.assertEqual(status, answer.status, role)

    def merge(self, overrides: dict[str, dict[str, str]]) -> None:
        """Write options of sections into the paste file."""
        parser = configparser.RawConfigParser()
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(self.paste)
        parser.read_dict(overrides)
        written = io.StringIO()
        parser.write(written)
        self.paste.write_text(written.getvalue())

    def test_policy(self) -> None:
        """All have the same rules."""
        rules = self.load('policy.yaml')
        self.check_policy(rules)
        ansible = self.load('openstack-ansible/user_variables_aggext.yml')
        self.assertEqual(rules, ansible['nova_policy_overrides'])
        helm = self.load('openstack-helm/values.yaml')
        self.assertEqual(rules, helm['conf']['policy'])

    def test_kolla(self) -> None:
        build = configparser.ConfigParser()
        build.read(DEPLOY / 'kolla/kolla-build.conf')
        self.assertEqual(['nova-base-plugin-nova-aggext'], build.sections())
        self.assertIn('nova_api_image_full', self.load('kolla/globals.yml'))
        loader = jinja2.DictLoader(
            {'parent': 'FROM x\n{% block nova_api_footer %}{% endblock %}\n'}
        )
        text = (DEPLOY / 'kolla/template-overrides.j2').read_text()
        template = jinja2.Environment(loader=loader).from_string(text)
        made = template.render(parent_template='parent')
        (run,) = re.findall(r'^RUN ((?:.*\\\n)*.*)', made, re.MULTILINE)
        subprocess.run(
            ['sh', '-ec', run.replace('/etc/nova', str(self.folder))],
            check=True,
        )
        self.check_paste()

    def test_openstack_ansible(self) -> None:
        found = self.load('openstack-ansible/user_variables_aggext.yml')
        self.assertEqual(['nova-aggext'], found['nova_user_pip_packages'])
        self.merge(found['nova_api_paste_ini_overrides'])
        self.check_paste()

    def test_openstack_helm(self) -> None:
        found = self.load('openstack-helm/values.yaml')
        self.merge(found['conf']['paste'])
        self.check_paste()

    def test_nova_operator(self) -> None:
        version = self.load('nova-operator/openstackversion.yaml')
        self.assertIn('novaAPIImage', version['spec']['customContainerImages'])
        done = subprocess.run(
            [DEPLOY / 'nova-operator/render.sh'],
            input=NOVA,
            check=True,
            capture_output=True,
            text=True,
        )
        template = yaml.safe_load(done.stdout)['spec']['nova']['template']
        files = template['apiServiceTemplate']['defaultConfigOverwrite']
        self.paste.write_text(files['api-paste.ini'])
        self.check_paste()
        self.assertEqual(
            self.load('policy.yaml'), yaml.safe_load(files['policy.yaml'])
        )


class RoutesTest(test_web_servers.WebServerTest):
    """The routes for the charms, between two servers."""

    def test_routes(self) -> None:
        samples.need('haproxy')
        replaced = self.listens()
        options = test_web_servers.BEHIND_PROXY
        ours = self.useFixture(server.Server(options=options))
        nova = self.useFixture(server.Server())
        test_server.ask(
            ours.port,
            'POST',
            test_server.AGGREGATES,
            test_server.named('ours'),
        )
        sample = samples.place(
            '../deploy/charms/haproxy-routes.cfg',
            self.folder,
            {
                **replaced,
                '192.0.2.21:8774': f'{fronts.HOST}:{ours.port}',
                '192.0.2.31:8774': f'{fronts.HOST}:{nova.port}',
                '/etc/ssl/compute.pem': str(self.certificate.pem),
            },
        )
        front = self.start('haproxy', '-db', '-f', str(sample))
        for path in ('/v2.1/os-aggregates', '/v2/os-aggregates'):
            answer = front.ask('GET', path)
            self.assertEqual(1, len(answer.json()['aggregates']), path)
        answer = front.ask('GET', '/v2.1/os-aggext/aggregates')
        self.assertEqual(1, len(answer.json()['aggregates']))
        # The project is another one than that of the caller.
        path = f'/v2.1/{"0" * 32}/os-aggregates'
        self.assertEqual(400, front.ask('GET', path).status)
        for other in ('/v2.1/os-aggregates-not', '/v2.1/servers'):
            self.assertEqual(404, front.ask('GET', other).status)
        ours.stop()
        log = ours.log.read_text()
        self.assertIn(path, log)
        self.assertNotIn('/v2.1/os-aggregates-not', log)
        self.assertNotIn('/v2.1/servers', log)
