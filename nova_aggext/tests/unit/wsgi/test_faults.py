# SPDX-License-Identifier: Apache-2.0
"""Errors as fault JSON."""

import webob
import webob.exc

from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import nova


class ResponseTest(base.TestCase):
    """The form of a fault."""

    def test_names(self) -> None:
        for status, name in (
            (400, 'badRequest'),
            (404, 'itemNotFound'),
            (409, 'conflictingRequest'),
            (503, 'serviceUnavailable'),
            (406, 'computeFault'),
            (500, 'computeFault'),
        ):
            answer = faults.response(nova.CURRENT, {}, status, 'why')
            self.assertEqual(status, answer.status_int)
            self.assertEqual(
                {name: {'code': status, 'message': 'why'}}, answer.json
            )

    def test_headers(self) -> None:
        error = exception.AggregateBusy()
        answer = faults.response(nova.CURRENT, {}, 503, 'why', error)
        self.assertEqual('1', answer.headers['Retry-After'])
        self.assertEqual(
            'application/json; charset=UTF-8', answer.headers['Content-Type']
        )


class FaultWrapperTest(base.TestCase):
    """No exception gets to the HTTP server."""

    def _answer(self, error: Exception) -> webob.Response:
        wrapped = faults.FaultWrapper(stubs.Raising(error))
        return webob.Request.blank('/').get_response(wrapped)

    def test_nothing_wrong(self) -> None:
        wrapped = faults.FaultWrapper(stubs.Wsgi())
        answer = webob.Request.blank('/').get_response(wrapped)
        self.assertEqual(b'beneath', answer.body)

    def test_http_error(self) -> None:
        answer = self._answer(webob.exc.HTTPRequestEntityTooLarge('large'))
        self.assertEqual(413, answer.status_int)
        self.assertEqual('large', answer.json['overLimit']['message'])

    def test_error_for_the_caller(self) -> None:
        answer = self._answer(exception.Unauthorized())
        self.assertEqual(401, answer.status_int)
        self.assertIn('unauthorized', answer.json)

    def test_error_that_the_method_should_expect(self) -> None:
        answer = self._answer(exception.DuplicateImage())
        self.assertEqual(500, answer.status_int)

    def test_any_other_error(self) -> None:
        answer = self._answer(RuntimeError('secret'))
        self.assertEqual(500, answer.status_int)
        self.assertNotIn('secret', answer.text)
        self.assertIn('RuntimeError: secret', self.log.output)
