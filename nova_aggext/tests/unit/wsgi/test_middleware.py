# SPDX-License-Identifier: Apache-2.0
"""Identity, request ids and the log."""

import contextlib
from typing import Any

import webob

from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import logs
from nova_aggext.wsgi import middleware


class IdentityTest(base.TestCase):
    """Who gets through."""

    def test_keystone_context_wants_a_user(self) -> None:
        app = middleware.KeystoneContext(stubs.Wsgi())
        sent = webob.Request.blank('/')
        self.assertRaises(exception.Unauthorized, sent.get_response, app)
        sent.headers['X-User-Id'] = 'somebody'
        self.assertEqual(200, sent.get_response(app).status_int)

    def _noauth(self, **headers: str) -> list[Any]:
        app = stubs.Wsgi()
        named = {k.replace('_', '-'): v for k, v in headers.items()}
        sent = webob.Request.blank('/', headers=named)
        sent.get_response(middleware.NoAuth(app))
        (environ,) = app.environs
        return [environ[name] for name in middleware.LAB_IDENTITY]

    def test_noauth_makes_an_admin(self) -> None:
        self.assertEqual(
            ['admin', 'admin', 'admin,manager,member,reader'], self._noauth()
        )

    def test_noauth_believes_the_headers(self) -> None:
        self.assertEqual(
            ['u', 'p', 'reader'],
            self._noauth(X_User_Id='u', X_Project_Id='p', X_Roles='reader'),
        )


class RootedPathsTest(base.TestCase):
    """Targets that are no paths."""

    def test_paths(self) -> None:
        app = middleware.RootedPaths(stubs.Wsgi())
        for path, status in (('*', 400), ('x', 400), ('', 200), ('/x', 200)):
            sent = webob.Request.blank('/', method='OPTIONS')
            sent.environ['PATH_INFO'] = path
            self.assertEqual(status, sent.get_response(app).status_int)

    def test_no_request_line(self) -> None:
        """What uWSGI makes of one that is no request line."""
        app = middleware.RootedPaths(stubs.Wsgi())
        for wrong in ({'PATH_INFO': None}, {'REQUEST_METHOD': ''}):
            sent = webob.Request.blank('/')
            sent.environ.update(wrong)
            self.assertEqual(400, sent.get_response(app).status_int)
        sent = webob.Request.blank('/')
        del sent.environ['REQUEST_METHOD']
        status, _headers, _parts = sent.call_application(app)
        self.assertEqual('400 Bad Request', status)


class RequestIdTest(base.TestCase):
    """Every answer tells its id in both headers."""

    def test_headers(self) -> None:
        app = middleware.RequestId(stubs.Wsgi())
        answer = webob.Request.blank('/').get_response(app)
        told = answer.headers['x-openstack-request-id']
        self.assertTrue(told.startswith('req-'), told)
        self.assertEqual(told, answer.headers['x-compute-request-id'])

    def test_environ(self) -> None:
        """An id of many services is taken if it looks like one."""
        good = 'req-12345678-1234-1234-1234-123456789abc'
        for given, taken in ((good, good), (f'{good}0', None), ('', None)):
            app = stubs.Wsgi()
            sent = webob.Request.blank('/')
            sent.headers['X-Openstack-Request-Id'] = given
            answer = sent.get_response(middleware.RequestId(app))
            environ = sent.environ
            self.assertEqual(taken, environ.get('openstack.global_request_id'))
            self.assertEqual(
                environ['openstack.request_id'],
                answer.headers['x-openstack-request-id'],
            )


class LogFieldsTest(base.TestCase):
    """Who asks, as lines of the log tell."""

    def _context(self, app: Any, **headers: str) -> Any:
        seen: list[Any] = []

        def beneath(environ: Any, start_response: Any) -> list[bytes]:
            seen.append(logs.fields(environ))
            start_response('200 OK', [])
            return []

        webob.Request.blank('/', headers=headers).get_response(app(beneath))
        return seen[0].get('context')

    def test_not_ours(self) -> None:
        """Inside nova-api it is Nova who says what lines show."""
        self.assertIsNone(self._context(lambda app: app))

    def test_headers_prove_nothing(self) -> None:
        told = self._context(middleware.RequestId, **{'X-User-Id': 'forged'})
        self.assertTrue(told['request_id'].startswith('req-'))
        self.assertIsNone(told['user'])

    def test_caller(self) -> None:
        given = 'req-12345678-1234-1234-1234-123456789abc'
        headers = {
            'X-User-Id': 'me',
            'X-Project-Id': 'mine',
            'X-OpenStack-Request-Id': given,
        }
        for known in (middleware.NoAuth, middleware.KeystoneContext):
            told = self._context(
                lambda app, known=known: middleware.RequestId(known(app)),
                **headers,
            )
            self.assertEqual(
                (given, 'me', 'mine'),
                (told['global_request_id'], told['user'], told['project']),
            )

    def test_status_of_what_is_raised(self) -> None:
        """In the order of the paste file the answer is what is logged."""
        app = middleware.RequestLog(
            faults.FaultWrapper(middleware.KeystoneContext(stubs.Wsgi()))
        )
        answer = webob.Request.blank('/').get_response(app)
        self.assertIn('unauthorized', answer.json)
        self.assertIn('status: 401', self.log.output)


class RequestLogTest(base.TestCase):
    """One line an answer."""

    def _line(self, app: Any, path: str = '/', **environ: str) -> str:
        logged = middleware.RequestLog(app)
        sent = webob.Request.blank(path)
        sent.environ.update(environ)
        with contextlib.suppress(ZeroDivisionError):
            # Read to its end, which is when it counts as sent.
            self.assertIsNotNone(sent.get_response(logged).body)
        (line,) = self.log.output.splitlines()
        return line

    def test_line(self) -> None:
        app = stubs.Wsgi(
            headers={
                'Content-Length': '7',
                'OpenStack-API-Version': 'compute 2.5',
            }
        )
        line = self._line(
            app,
            '/v2.1/things?a=1',
            REMOTE_ADDR='192.0.2.1',
            **{'openstack.request_id': 'req-1'},
        )
        for part in (
            '192.0.2.1 "GET /v2.1/things?a=1" status: 200 len: 7 ',
            'microversion: 2.5 time: 0.',
            'req-1',
        ):
            self.assertIn(part, line)

    def test_line_comes_last(self) -> None:
        """Nobody waits for the line; what was open is closed first."""
        order: list[str] = []

        class Parts(list[bytes]):
            def close(self) -> None:
                order.append('closed')

        def app(environ: Any, start_response: Any) -> Parts:
            start_response('200 OK', [])
            return Parts([b'a'])

        environ = webob.Request.blank('/').environ
        logged: Any = middleware.RequestLog(app)
        answer = logged(environ, lambda *_: None)
        self.assertEqual([b'a'], list(answer))
        self.assertEqual('', self.log.output)
        answer.close()
        self.assertEqual(['closed'], order)
        self.assertIn('status: 200', self.log.output)

    def test_request_that_failed(self) -> None:
        line = self._line(stubs.Raising(ZeroDivisionError()))
        self.assertIn('- "GET /" status: - len: -', line)

    def test_no_line_is_forged(self) -> None:
        line = self._line(stubs.Wsgi(), '/a%0A%22b%C3%BC')
        self.assertIn(r'"GET /a\n%22b', line)
