# SPDX-License-Identifier: Apache-2.0
"""Bodies, queries and media types of requests."""

from typing import Any

from nova_aggext.tests import base
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import api
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import request as wsgi_request

Request = wsgi_request.Request[Any]
KINDS = nova.CURRENT.media_types


def _request(path: str = '/', **options: Any) -> Request:
    made: Request = wsgi_request.Request.blank(path, **options)
    made.api = nova.CURRENT
    return made


class ContentTypeTest(base.TestCase):
    """Which bodies are taken for JSON."""

    def test_accepted(self) -> None:
        for kind in (
            'application/json',
            'Application/JSON; charset=UTF-8',
            nova.MEDIA_TYPE,
            'text/plain',
            '',
        ):
            _request(headers={'Content-Type': kind}).require_json()
        _request().require_json()

    def test_refused(self) -> None:
        for kind in ('application/xml', 'text/html', 'json'):
            self.assertRaises(
                errors.InvalidContentType,
                _request(headers={'Content-Type': kind}).require_json,
            )


class ContentTest(base.TestCase):
    """What a body is parsed to."""

    def test_json(self) -> None:
        made = _request(method='POST', body='{"a": "ü"}'.encode())
        self.assertEqual({'a': 'ü'}, made.content())

    def test_empty(self) -> None:
        self.assertIsNone(_request(method='POST', body=b'').content())

    def test_malformed(self) -> None:
        for body in (b'{', b'{"a": NaN}', b'"\xff"', b'[' * 2000):
            self.assertRaises(
                errors.MalformedRequestBody,
                _request(method='POST', body=body).content,
            )


class QueryTest(base.TestCase):
    """What a query string is parsed to."""

    def test_lists_with_blanks(self) -> None:
        self.assertEqual(
            {'a': ['1', '2'], 'b': [''], 'c': ['ü']},
            _request('/?a=1&a=2&b&c=%C3%BC').query(),
        )

    def test_not_utf8(self) -> None:
        self.assertRaises(errors.ValidationError, _request('/?a=%FF').query)


class AcceptTest(base.TestCase):
    """In which type the answer is."""

    def test_best_type(self) -> None:
        vendor = nova.MEDIA_TYPE
        json = api.JSON
        for accept, expected in (
            ('*/*', json),
            (vendor, vendor),
            (f'{json};q=0.5, {vendor}', vendor),
            ('text/html', json),
        ):
            made = _request(headers={'Accept': accept})
            self.assertEqual(expected, made.best_type(), accept)
        self.assertEqual(json, _request().best_type())

    def test_parameters_and_what_is_malformed(self) -> None:
        vendor = nova.MEDIA_TYPE
        for accept in (
            f'{vendor};version=2.1',
            f'{vendor} ; version="2.1";q=0.2, {api.JSON};q=0.1',
            f'{vendor};a="b, {api.JSON}"',
            f'{api.JSON};q=much, {vendor};q=0.1',
            f'{vendor};version="2.1',
            f'{vendor};q=7',
            f', é, {vendor};',
            f'*/*, {vendor}',
        ):
            self.assertEqual(
                vendor, wsgi_request.best_type(accept, KINDS), accept
            )
        for accept in (f'{vendor};q=0.1, */*', f'{vendor};q=x', ';;,', '"'):
            self.assertEqual(
                api.JSON, wsgi_request.best_type(accept, KINDS), accept
            )
