# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status: what is in place."""

import pathlib

from nova_aggext.cmd import status
from nova_aggext.tests.unit.cmd import commands

PASTE = """\
[composite:v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = keystonecontext {filter} osapi_compute_app_v21
[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[filter:aggext]
use = egg:nova-aggext#aggregates
"""


class StatusTestCase(commands.CommandTestCase):
    """The command on a database."""

    def status(self, *arguments: str, status_: int = 0) -> commands.Ended:
        """Run it and check its exit status."""
        ended = self.command(status.main, *arguments)
        self.assertEqual(status_, ended.status, ended.err + ended.out)
        return ended


class UsageTest(StatusTestCase):
    """Wrong usage, wrong configuration."""

    def test_usage(self) -> None:
        for arguments in ([], ['upgrade'], ['paste'], ['paste', 'look']):
            self.status(*arguments, status_=2)

    def test_configuration_that_is_not_there(self) -> None:
        ended = commands.run(
            status.main, '--config-file', '/nowhere', 'upgrade', 'check'
        )
        self.assertEqual(2, ended.status)
        self.assertTrue(ended.err.startswith('nova-aggext-status: '))


class PasteTest(StatusTestCase):
    """``paste check``."""

    def _file(self, chosen: str) -> str:
        path = pathlib.Path(self.db.conf_file).with_name('api-paste.ini')
        path.write_text(PASTE.format(filter=chosen))
        return str(path)

    def test_loaded(self) -> None:
        path = self._file('aggext')
        for arguments in ([path], []):
            told = self.status(
                'paste', 'check', *arguments, '--format', 'json'
            )
            self.assertEqual(
                [{'pipeline': 'composite:v21 keystone', 'filter': 'loaded'}],
                told.json,
            )

    def test_not_loaded(self) -> None:
        told = self.status('paste', 'check', self._file(''), status_=1)
        self.assertIn('not loaded', told.out)

    def test_no_section(self) -> None:
        told = self.status('paste', 'check', self._file('agext'), status_=1)
        self.assertIn('there is no [filter:agext]', told.out)

    def test_no_file(self) -> None:
        told = self.status('paste', 'check', '/nowhere', status_=1)
        self.assertIn('/nowhere', told.err)
