# SPDX-License-Identifier: Apache-2.0
"""Ids in paths."""

from nova_aggext import exception
from nova_aggext.api import request
from nova_aggext.tests import base


class AggregateIdTest(base.TestCase):
    """What names an aggregate."""

    def test_integers(self) -> None:
        for text, expected in (
            ('7', 7),
            ('007', 7),
            ('+7', 7),
            ('-7', -7),
            (' 7\t\n', 7),
            ('9' * 19, 10**19 - 1),
        ):
            self.assertEqual(expected, request.aggregate_id(text))

    def test_integers_that_are_no_ids(self) -> None:
        for text in ('1_0', '\u0667', '9' * 20, '\u00a07'):
            self.assertRaises(
                exception.AggregateNotFound, request.aggregate_id, text
            )

    def test_no_integers(self) -> None:
        for text in ('', 'a', '1.0', '0x1', '- 7', '1e3', '7;', '9' * 5000):
            self.assertRaises(
                exception.InvalidAggregateId, request.aggregate_id, text
            )
