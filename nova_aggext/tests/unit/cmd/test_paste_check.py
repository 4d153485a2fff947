# SPDX-License-Identifier: Apache-2.0
"""Where a paste file of a Nova loads the filter."""

import pathlib

import fixtures

from nova_aggext import exception
from nova_aggext.cmd import paste_check
from nova_aggext.tests import base

REST = """
[app:app21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
[app:meta]
paste.app_factory = nova.api.metadata.handler:MetadataRequestHandler.factory
[filter:cors]
use = egg:oslo.middleware#cors
[filter:identity]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[filter:noauth2]
paste.filter_factory = nova.api.openstack.auth:NoAuthMiddleware.factory
[filter:legacy]
paste.filter_factory = nova.api.openstack:LegacyV2CompatibleWrapper.factory
[filter:ours]
use = egg:nova-aggext#aggregates
config_file = /etc/nova/nova.conf
[filter:also_ours]
paste.filter_factory = nova_aggext.deploy:aggregates_factory
"""


class PasteCheckTest(base.TestCase):
    """Pipelines, right and wrong."""

    def _check(
        self, text: str, strategy: str = 'keystone'
    ) -> list[tuple[str, str]]:
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'api-paste.ini'
        path.write_text(text)
        found = paste_check.check(path, strategy)
        return [(one.pipeline, one.state) for one in found]

    def _state(self, pipeline: str) -> str:
        text = f'[pipeline:main]\npipeline = {pipeline}\n{REST}'
        ((name, state),) = self._check(text)
        self.assertEqual('pipeline:main pipeline', name)
        return state

    def test_states(self) -> None:
        early = 'before the filter that knows the caller'
        late = 'after the filter of the legacy API'
        for pipeline, expected in (
            ('cors identity ours app21', 'loaded'),
            ('cors identity also_ours app21', 'loaded'),
            ('noauth2 ours legacy app21', 'loaded'),
            ('cors identity app21', 'not loaded'),
            ('app21', 'not loaded'),
            ('ours identity app21', early),
            ('ours noauth2 app21', early),
            ('identity legacy ours app21', late),
            ('identity ours also_ours app21', 'loaded more than once'),
            ('identity nonsense app21', 'there is no [filter:nonsense]'),
            ('identity ours nonsense app21', 'there is no [filter:nonsense]'),
            ('identity egg:some#filter ours app21', 'loaded'),
        ):
            self.assertEqual(expected, self._state(pipeline))

    def test_every_pipeline_of_the_api_and_no_other(self) -> None:
        text = (
            '[composite:v21]\nuse = call:nova.api.auth:pipeline_factory_v21\n'
            'noauth2 = noauth2 app21\nkeystone = identity ours app21\n'
            f'[pipeline:metadata]\npipeline = cors meta\nempty =\n{REST}'
        )
        self.assertEqual(
            [('composite:v21 keystone', 'loaded')], self._check(text)
        )
        self.assertEqual(
            [
                ('composite:v21 noauth2', 'not loaded'),
                ('composite:v21 keystone', 'loaded'),
            ],
            self._check(text, 'noauth2'),
        )

    def test_asks_keystone(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'api-paste.ini'
        for pipeline, expected in (
            ('cors identity ours app21', False),
            ('token identity ours app21', True),
            ('token meta', False),
        ):
            path.write_text(
                f'[pipeline:main]\npipeline = {pipeline}\n{REST}'
                '[filter:token]\npaste.filter_factory = '
                'keystonemiddleware.auth_token:filter_factory\n'
            )
            self.assertEqual(expected, paste_check.asks_keystone(path))

    def test_is_right(self) -> None:
        good = paste_check.Finding('one', paste_check.LOADED)
        bad = paste_check.Finding('two', paste_check.MISSING)
        self.assertTrue(paste_check.is_right([good, good]))
        self.assertFalse(paste_check.is_right([good, bad]))
        self.assertFalse(paste_check.is_right([]))

    def test_no_paste_file(self) -> None:
        for text in ('no section', '[a]\nno option\n'):
            self.assertRaises(exception.ConfigurationError, self._check, text)
        self.assertRaises(
            exception.ConfigurationError,
            paste_check.check,
            pathlib.Path('/nowhere'),
        )

    def test_bytes(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'api-paste.ini'
        path.write_bytes(b'\xff\xfe')
        self.assertRaises(
            exception.ConfigurationError, paste_check.check, path
        )
