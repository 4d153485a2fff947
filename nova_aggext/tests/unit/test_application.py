# SPDX-License-Identifier: Apache-2.0
"""The composition root."""

import threading
from typing import Any

import webob
from oslo_config import cfg

from nova_aggext import application
from nova_aggext import services
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

LAB = {'X-Roles': 'admin', 'X-User-Id': 'me', 'X-Project-Id': 'mine'}


class ApplicationTest(base.TestCase):
    """Any number may live in one process."""

    def _services(self) -> services.Services:
        made = services.Services(self.useFixture(databases.Database()).conf)
        self.addCleanup(made.close)
        return made

    def _application(self) -> application.Application:
        return application.Application(self._services())

    def _send(self, app: Any, path: str, **options: Any) -> Any:
        sent = webob.Request.blank(path, headers=LAB, **options)
        return sent.get_response(app).json

    def test_two_do_not_share(self) -> None:
        first = self._application().api()
        second = self._application().api()
        body = {'aggregate': {'name': 'a'}}
        self._send(first, '/os-aggregates', method='POST', json=body)
        counts = [
            len(self._send(app, '/os-aggregates')['aggregates'])
            for app in (first, second)
        ]
        self.assertEqual([1, 0], counts)

    def test_form_of_project_ids(self) -> None:
        conf = self.useFixture(databases.Database()).conf
        conf.set_override('project_id_regex', '[a-z]+', 'api')
        made = services.Services(conf)
        self.addCleanup(made.close)
        app = application.Application(made).api()
        answer = self._send(app, '/mine/os-aggregates')
        self.assertEqual({'aggregates': []}, answer)

    def test_the_process_wide_configuration_is_left_alone(self) -> None:
        before = set(cfg.CONF)
        self._application().api()
        self.assertEqual(before, set(cfg.CONF))

    def test_close_leaves_no_thread(self) -> None:
        before = set(threading.enumerate())
        made = self._services()
        app = application.Application(made).api()
        self._send(app, '/os-aggregates')
        made.close()
        self.assertEqual(set(), set(threading.enumerate()) - before)
