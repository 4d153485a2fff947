# SPDX-License-Identifier: Apache-2.0
"""From a request to a method and back, over router and resource."""

import dataclasses
from typing import Any

import webob
import webob.exc

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import resource
from nova_aggext.wsgi import router
from nova_aggext.wsgi import validation

THING = {
    'type': 'object',
    'properties': {'thing': {'type': 'integer'}},
    'required': ['thing'],
    'additionalProperties': False,
}


@dataclasses.dataclass
class Caller:
    """All that the kit wants to know."""

    project_id: str | None = 'abc'


@dataclasses.dataclass
class Broken:
    """The body of a request, as a server gives one that it cannot read."""

    error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """Fail, or end early."""
        if self.error is not None:
            raise self.error
        return b''


class Things(wsgi.Controller):
    """Serves /things, and fails as it is told."""

    routes = (
        wsgi.Route('GET', '/things', 'index'),
        wsgi.Route('POST', '/things', 'create'),
        wsgi.Route('GET', '/things/{id}', 'show'),
        wsgi.Route('DELETE', '/things/{id}', 'delete'),
        wsgi.Route('POST', '/things/{id}/action', 'action'),
    )

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    @wsgi.expected_errors(404)
    def index(self, req: wsgi.Request[Caller]) -> Any:
        """Fail if told to."""
        if self.error is not None:
            raise self.error
        return {'version': str(req.version)}

    @wsgi.response(201)
    @wsgi.expected_errors(409)
    @validation.schema(THING, '2.0')
    def create(self, req: wsgi.Request[Caller], body: Any) -> Any:
        """Give the body back."""
        return body

    @wsgi.api_version('2.5')
    @validation.response_body_schema({'type': 'object'}, '2.5')
    def show(self, req: wsgi.Request[Caller], id: str) -> Any:
        """Answer with a text instead of an object."""
        return id

    @wsgi.response(204)
    def delete(self, req: wsgi.Request[Caller], id: str) -> None:
        """Answer nothing."""

    @wsgi.action('act')
    @validation.schema({'properties': {'act': {'type': 'string'}}}, '2.0')
    def _act(self, req: wsgi.Request[Caller], id: str, body: Any) -> Any:
        """Give everything back."""
        return {'id': id, 'body': body}


class ResourceTest(base.TestCase):
    """Requests to Things."""

    def _send(
        self,
        path: str,
        *,
        error: Exception | None = None,
        headers: dict[str, str] | None = None,
        api: wsgi.Api = nova.CURRENT,
        validate: bool = False,
        **options: Any,
    ) -> webob.Response:
        things = Things(error)
        served = resource.Resource(
            things, api, lambda environ: Caller(), validate
        )
        sent = webob.Request.blank(path, headers=headers or {}, **options)
        return sent.get_response(
            router.Router(
                router.Served(api, route, served) for route in things.routes
            )
        )

    def _post(self, path: str, body: Any, **options: Any) -> webob.Response:
        return self._send(path, method='POST', json=body, **options)

    def test_success(self) -> None:
        answer = self._send(
            '/things', headers={'OpenStack-API-Version': 'compute 2.7'}
        )
        self.assertEqual(200, answer.status_int)
        self.assertEqual({'version': '2.7'}, answer.json)
        self.assertEqual('application/json', answer.headers['Content-Type'])
        self.assertEqual('2.7', answer.headers[nova.VERSION_HEADER])

    def test_legacy(self) -> None:
        answer = self._send(
            '/things',
            headers={'OpenStack-API-Version': 'compute 2.7'},
            api=nova.LEGACY,
        )
        self.assertEqual({'version': '2.0'}, answer.json)
        self.assertNotIn(negotiation.HEADER, answer.headers)

    def test_what_an_answer_depends_on(self) -> None:
        """Whatever has a tag may be kept, and names what chose it."""
        new, old = negotiation.HEADER, nova.VERSION_HEADER
        for api, expected in (
            (nova.CURRENT, f'Accept, {new}, {old}'),
            (nova.LEGACY, 'Accept'),
        ):
            answer = self._send('/things', api=api)
            self.assertEqual(expected, answer.headers['Vary'])
            tag = {'If-None-Match': answer.headers['ETag']}
            known = self._send('/things', headers=tag, api=api)
            self.assertEqual(304, known.status_int)
            self.assertEqual(expected, known.headers['Vary'])

    def test_version_of_no_form(self) -> None:
        answer = self._send(
            '/things', headers={'OpenStack-API-Version': 'compute x'}
        )
        self.assertEqual(400, answer.status_int)
        self.assertNotIn(negotiation.HEADER, answer.headers)

    def test_version_not_supported(self) -> None:
        answer = self._send(
            '/things', headers={'OpenStack-API-Version': 'compute 2.105'}
        )
        self.assertEqual(406, answer.status_int)
        self.assertEqual('compute 2.105', answer.headers[negotiation.HEADER])

    def test_version_without_the_method(self) -> None:
        self.assertEqual(404, self._send('/things/7').status_int)

    def test_status_of_success(self) -> None:
        answer = self._post('/things', {'thing': 1})
        self.assertEqual((201, {'thing': 1}), (answer.status_int, answer.json))

    def test_no_content(self) -> None:
        answer = self._send('/things/7', method='DELETE')
        self.assertEqual((204, b''), (answer.status_int, answer.body))

    def test_body_that_does_not_fit(self) -> None:
        answer = self._post('/things', {'thing': 'x'})
        self.assertEqual(400, answer.status_int)
        self.assertEqual(400, answer.json['badRequest']['code'])

    def test_body_that_is_missing(self) -> None:
        self.assertEqual(400, self._send('/things', method='POST').status_int)

    def test_body_that_cannot_be_read(self) -> None:
        """Each server has errors of its own for one."""
        for told in ({'CONTENT_LENGTH': '9'}, {'wsgi.input_terminated': True}):
            for body in (
                Broken(OSError('client gone')),
                Broken(ValueError('chunk size')),
                Broken(RuntimeError('of a server')),
                Broken(),
            ):
                for method in ('POST', 'GET'):
                    if body.error is None and 'CONTENT_LENGTH' not in told:
                        # Chunks that end are a body, if an empty one.
                        continue
                    environ = {**told, 'wsgi.input': body}
                    answer = self._send(
                        '/things', method=method, environ=environ
                    )
                    self.assertEqual(400, answer.status_int)
                    self.assertIn('badRequest', answer.json)
        self.assertNotIn('Traceback', self.log.output)

    def test_body_that_is_too_long(self) -> None:
        """The limit on the size answers by itself."""
        large = webob.exc.HTTPRequestEntityTooLarge()
        environ = {'CONTENT_LENGTH': '9', 'wsgi.input': Broken(large)}
        self.assertRaises(
            webob.exc.HTTPRequestEntityTooLarge,
            self._send,
            '/things',
            method='POST',
            environ=environ,
        )

    def test_bodies_that_are_nested(self) -> None:
        """What does not fit is described, however deep it is."""
        for depth in (1, 10, *range(950, 1030, 5), 5000):
            for body in (
                b'[' * depth + b']' * depth,
                b'{"thing":' + b'[' * depth + b']' * depth + b'}',
                b'{"a":' * depth + b'1' + b'}' * depth,
            ):
                answer = self._send('/things', method='POST', body=body)
                self.assertEqual(400, answer.status_int, str(depth))
                self.assertLess(len(answer.body), 1000)

    def test_messages_are_bounded(self) -> None:
        """Whatever the request has that they quote."""
        long = 'x' * 50_000
        for path, body, headers in (
            ('/things/7/action', {long: 1}, {}),
            ('/things', {'thing': 1, long: 2}, {}),
            ('/things', {'thing': {long: long}}, {}),
            ('/things', {'thing': [long] * 2}, {}),
            ('/things', {}, {'Content-Type': long}),
            ('/things', {}, {'OpenStack-API-Version': f'compute {long}'}),
            (f'/{"a" * 50_000}/things', {}, {}),
        ):
            answer = self._post(path, body, headers=headers)
            self.assertIn(answer.status_int, (400, 415))
            self.assertLess(len(answer.body), 1200)

    def test_body_that_nobody_wants_is_not_parsed(self) -> None:
        answer = self._send('/things', body=b'{')
        self.assertEqual(200, answer.status_int)

    def test_content_type(self) -> None:
        answer = self._send('/things', headers={'Content-Type': 'text/html'})
        self.assertEqual(415, answer.status_int)
        self.assertIn('badMediaType', answer.json)

    def test_action(self) -> None:
        answer = self._post('/things/7/action', {'act': 'x'})
        self.assertEqual({'id': '7', 'body': {'act': 'x'}}, answer.json)

    def test_action_unknown(self) -> None:
        answer = self._post('/things/7/action', {'other': 'x'})
        self.assertEqual(400, answer.status_int)
        self.assertIn('other', answer.text)

    def test_action_malformed(self) -> None:
        bodies: list[Any] = [{}, {'act': 1, 'other': 2}, ['act'], 'act', None]
        for body in bodies:
            answer = self._post('/things/7/action', body)
            self.assertEqual(400, answer.status_int)

    def test_project_of_the_caller(self) -> None:
        self.assertEqual(200, self._send('/abc/things').status_int)

    def test_project_of_somebody_else(self) -> None:
        answer = self._send('/cafe/things')
        self.assertEqual(400, answer.status_int)

    def test_expected_error(self) -> None:
        error = exception.AggregateNotFound(aggregate_id=7)
        answer = self._send('/things', error=error)
        self.assertEqual(404, answer.status_int)
        self.assertEqual(
            {'itemNotFound': {'code': 404, 'message': str(error)}},
            answer.json,
        )
        self.assertIn(negotiation.HEADER, answer.headers)

    def test_reasons_are_logged(self) -> None:
        error = exception.AggregateNotFound(aggregate_id='7\nforged')
        self._send('/things', error=error)
        self.assertIn('Answered with 404: Aggregate 7\\n', self.log.output)

    def test_unexpected_errors(self) -> None:
        for error in (exception.DuplicateImage(), RuntimeError('secret')):
            answer = self._send('/things', error=error)
            self.assertEqual(500, answer.status_int)
            self.assertIn('computeFault', answer.json)
            self.assertNotIn(str(error), answer.text)
            self.assertIn(type(error).__name__, self.log.output)

    def test_service_unavailable(self) -> None:
        answer = self._send('/things', error=exception.AggregateBusy())
        self.assertEqual(503, answer.status_int)
        self.assertEqual('1', answer.headers['Retry-After'])

    def test_a_database_that_an_operator_must_mend(self) -> None:
        error = exception.DatabaseMisfit(reason='at db1: no x', option='[y]')
        answer = self._send('/things', error=error)
        self.assertEqual(500, answer.status_int)
        self.assertEqual(
            {'computeFault': {'code': 500, 'message': error.public}},
            answer.json,
        )
        self.assertNotIn('Retry-After', answer.headers)
        self.assertNotIn('Traceback', self.log.output)

    def test_http_errors_pass(self) -> None:
        self.assertRaises(
            webob.exc.HTTPRequestEntityTooLarge,
            self._send,
            '/things',
            error=webob.exc.HTTPRequestEntityTooLarge(),
        )

    def test_answers_are_checked_where_wanted(self) -> None:
        headers = {'OpenStack-API-Version': 'compute 2.5'}
        told = self._send('/things/7', headers=headers)
        self.assertEqual((200, '7'), (told.status_int, told.json))
        checked = self._send('/things/7', headers=headers, validate=True)
        self.assertEqual(500, checked.status_int)
        self.assertIn('show answers wrongly', self.log.output)


class RouterTest(base.TestCase):
    """What does not match goes on."""

    def _router(self, *more: Any) -> tuple[router.Router, stubs.Wsgi]:
        served = stubs.Wsgi(b'served')
        one = router.Served(nova.CURRENT, Things.routes[0], served)
        return router.Router([one], *more), served

    def test_fallback_gets_the_environ_untouched(self) -> None:
        beneath = stubs.Wsgi()
        routed, _served = self._router(beneath)
        sent = webob.Request.blank('/other?a=1', method='PATCH')
        environ = dict(sent.environ)
        self.assertEqual(b'beneath', sent.get_response(routed).body)
        self.assertEqual([environ], beneath.environs)

    def test_without_fallback(self) -> None:
        routed, _served = self._router()
        for method, path in (('GET', '/other'), ('POST', '/things')):
            sent = webob.Request.blank(path, method=method)
            self.assertEqual(404, sent.get_response(routed).status_int)

    def test_match(self) -> None:
        routed, served = self._router()
        webob.Request.blank('/a-1/things').get_response(routed)
        webob.Request.blank('/things').get_response(routed)
        self.assertEqual(
            [('index', {'project_id': 'a-1'}), ('index', {})],
            [environ[resource.ROUTE_KEY] for environ in served.environs],
        )

    def test_form_of_project_ids(self) -> None:
        strict, _served = self._router()
        sent = webob.Request.blank('/Project_1/things')
        self.assertEqual(404, sent.get_response(strict).status_int)
        loose, _served = self._router(None, '[A-Za-z0-9_]+')
        sent = webob.Request.blank('/Project_1/things')
        self.assertEqual(200, sent.get_response(loose).status_int)
