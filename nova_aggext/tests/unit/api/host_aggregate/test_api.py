# SPDX-License-Identifier: Apache-2.0
"""Bodies of the own API."""

import json

from nova_aggext.api.host_aggregate import api
from nova_aggext.tests import base


class BodiesTest(base.TestCase):
    """What is taken for JSON."""

    def test_json(self) -> None:
        body = '{"a": [1, true, null, "ü"], "b": {"a": 1.5}}'.encode()
        self.assertEqual(json.loads(body), api.loads(body))

    def test_refused(self) -> None:
        for body in (
            b'{',
            b'{"a": 1, "a": 1}',
            b'[{"a": {"b": 1, "c": 2, "b": 3}}]',
            b'{"a": NaN}',
            b'"\\ud800"',
            b'"\xff"',
            b'[1' + b'0' * 5000 + b']',
            b'[' * 1020 + b']' * 1020,
            b'[' * 100000,
        ):
            self.assertRaises(json.JSONDecodeError, api.loads, body)


class ApisTest(base.TestCase):
    """One for each page of help."""

    def test_made_once(self) -> None:
        self.assertIs(api.serving('a'), api.serving('a'))
        self.assertIsNot(api.serving('a'), api.serving('b'))
        self.assertIs(api.discovery('a').fault, api.serving('a').fault)
