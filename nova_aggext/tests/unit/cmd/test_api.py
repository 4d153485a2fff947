# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-api: what keeps it from serving."""

import contextlib
import io
from typing import Any

from nova_aggext.cmd import api
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
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


class ServerTest(base.TestCase):
    """Gunicorn around an application."""

    def test_settings(self) -> None:
        application = stubs.Wsgi()
        settings = {'threads': 3, 'no_such_setting': 1}
        server = api.Server(application, settings)
        self.assertEqual(3, server.cfg.threads)
        self.assertIs(application, server.load())

    def test_options_become_settings(self) -> None:
        args = api._parser().parse_args(
            ['--host', '127.0.0.2', '--port', '1', '--threads', '5']
        )
        settings = api._settings(args)
        server = api.Server(stubs.Wsgi(), settings)
        self.assertEqual([('127.0.0.2', 1)], server.cfg.address)
        self.assertEqual(5, server.cfg.threads)
        self._greeting(settings, expected='')

    def test_lab_says_how_to_call_it(self) -> None:
        args = api._parser().parse_args(['--dev', '--port', '77'])
        expected = 'http://127.0.0.1:77/v2.1'
        self._greeting(api._settings(args), expected)

    def _greeting(self, settings: dict[str, Any], expected: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            settings['when_ready'](None)
        self.assertIn(expected, out.getvalue())
        self.assertEqual(bool(expected), bool(out.getvalue()))
