# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-api: what keeps it from serving."""

import contextlib
import io

from nova_aggext import version
from nova_aggext.cmd import api
from nova_aggext.tests import base
from nova_aggext.tests.unit.cmd import commands


class MainTest(base.TestCase):
    """Exit statuses without a server."""

    def test_usage(self) -> None:
        for arguments in (['--port', 'x'], ['--threads', 'x'], ['more']):
            self.assertEqual(2, commands.run(api.main, *arguments).status)

    def test_lab_on_a_network(self) -> None:
        for host in ('0.0.0.0', '::', '192.0.2.1'):
            ended = commands.run(api.main, '--dev', '--host', host)
            self.assertEqual(2, ended.status)
            self.assertIn('loopback', ended.err)

    def test_configuration_that_is_not_there(self) -> None:
        ended = commands.run(api.main, '--config-file', '/nowhere')
        self.assertEqual(1, ended.status)
        self.assertTrue(ended.err.startswith('nova-aggext-api: '))


class GreetingTest(base.TestCase):
    """What is said once it serves."""

    def test_lab_says_how_to_call_it(self) -> None:
        for arguments, expected in (
            (['--dev', '--port', '77'], 'http://127.0.0.1:77/v2.1'),
            (['--port', '77'], ''),
        ):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                api._greet(api.parser().parse_args(arguments))
            self.assertIn(expected, out.getvalue())
            self.assertEqual(bool(expected), bool(out.getvalue()))
            ready = f'nova-aggext-api {version.release()} serves'
            self.assertIn(f'{ready} http://127.0.0.1:77', self.log.output)
