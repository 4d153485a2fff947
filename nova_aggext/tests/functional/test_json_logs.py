# SPDX-License-Identifier: Apache-2.0
"""Lines of JSON say which request they are of, and whose it is."""

import io
import json
import logging
import pathlib
import time
import urllib.error
import urllib.request
from typing import Any

import fixtures
import sqlalchemy as sa
import webob
import webob.exc
from oslo_context import context
from oslo_log import formatters

from nova_aggext import deploy
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server

GLOBAL_ID = 'req-01234567-89ab-cdef-0123-456789abcdef'
PATIENCE = 60
_CALLER = {'X-User-Id': 'a-user', 'X-Project-Id': 'a-project'}
_HEADERS = {
    **_CALLER,
    'X-Roles': 'admin',
    'X-OpenStack-Request-ID': GLOBAL_ID,
    'Content-Type': 'application/json',
}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_DROP = sa.text('DROP TABLE aggregates')
_PASTE = """
[filter:aggregates]
use = egg:nova-aggext#aggregates
"""


class LogsTest(base.TestCase):
    """Whatever serves, the fields are the same."""

    def check(self, line: dict[str, Any], request_id: str) -> None:
        """Check what a line says of its request."""
        found = line['context']
        expected = {
            'request_id': request_id,
            'global_request_id': GLOBAL_ID,
            'user': 'a-user',
            'project': 'a-project',
        }
        told = {
            name: found.get(name) or found.get(f'{name}_id')
            for name in expected
        }
        self.assertEqual(expected, told)

    def test_server(self) -> None:
        """The standalone server, with ``use_json``."""
        one = self.useFixture(
            server.Server(options='[DEFAULT]\nuse_json = true\n')
        )
        one.db.database.write(lambda session: session.execute(_DROP))
        asked = urllib.request.Request(
            f'{one.url}/v2.1/os-aggregates', headers=_HEADERS
        )
        error = self.assertRaises(
            urllib.error.HTTPError, _DIRECT.open, asked, timeout=PATIENCE
        )
        request_id = error.headers['X-OpenStack-Request-ID']
        for text in ('Answered with', 'GET /v2.1/os-aggregates'):
            self.check(self._line(one.log, text), request_id)

    def _line(self, path: pathlib.Path, text: str) -> dict[str, Any]:
        """Wait for a line that has a text."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for line in path.read_text().splitlines():
                if line.startswith('{') and text in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            time.sleep(0.05)
        raise TimeoutError(path.read_text())

    def test_filter(self) -> None:
        """The filter shows what Nova's pipeline has begun."""
        made = self.useFixture(databases.Database())
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        paste = folder / 'api-paste.ini'
        paste.write_text(_PASTE)
        made_filter = deploy.load_filter(paste, 'aggregates', [made.conf_file])
        app = made_filter(webob.exc.HTTPNotFound())
        made.database.write(lambda session: session.execute(_DROP))
        # As keystonecontext of a Nova does.
        nova = context.RequestContext(
            user_id='a-user',
            project_id='a-project',
            global_request_id=GLOBAL_ID,
        )
        self.addCleanup(_forget)
        written = self._write_json()
        asked = webob.Request.blank(
            '/os-aggregates', base_url='http://localhost/v2.1'
        )
        asked.headers.update({**_CALLER, 'X-Roles': 'admin'})
        self.assertEqual(500, asked.get_response(app).status_int)
        lines = [json.loads(one) for one in written.getvalue().splitlines()]
        self.assertNotEqual([], lines)
        for line in lines:
            self.check(line, nova.request_id)

    def _write_json(self) -> io.StringIO:
        """Write lines as a Nova does that is to write JSON."""
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.setFormatter(formatters.JSONFormatter())
        logger = logging.getLogger('nova_aggext')
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        return written


def _forget() -> None:
    """Leave no context to other tests of this thread."""
    del context._request_store.context
