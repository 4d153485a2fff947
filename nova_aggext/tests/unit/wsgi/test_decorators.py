# SPDX-License-Identifier: Apache-2.0
"""Decorators declare and never wrap."""

import itertools
from typing import Any

from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.wsgi import decorators
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import validation


def _method() -> Any:
    def method() -> None:
        """Do nothing."""

    return method


class DecoratorsTest(base.TestCase):
    """What is left on a method."""

    def test_the_method_stays_the_same(self) -> None:
        for decorate in (
            decorators.action('one'),
            decorators.api_version('2.5'),
            decorators.expected_errors(404),
            decorators.response(202),
            validation.schema({}, '2.1'),
            validation.query_schema({}, '2.1'),
            validation.response_body_schema({}, '2.1'),
        ):
            method = _method()
            self.assertIs(method, decorate(method))

    def test_order_does_not_matter(self) -> None:
        chosen = (
            decorators.api_version('2.5', '2.9', of='other'),
            decorators.expected_errors(404, mapping={exception.Invalid: 409}),
            decorators.response(202),
            decorators.action('one'),
        )
        made = []
        for order in itertools.permutations(chosen):
            method = _method()
            for decorate in order:
                decorate(method)
            made.append(facts.of(method))
        self.assertEqual([made[0]] * len(made), made)
        self.assertEqual(
            facts.Facts(
                action='one',
                of='other',
                versions=microversion.Range.parse('2.5', '2.9'),
                status=202,
                expected=frozenset({404}),
                codes={exception.Invalid: 409},
            ),
            made[0],
        )

    def test_nothing_is_declared_of_a_plain_method(self) -> None:
        self.assertIsNone(facts.of(_method()))

    def test_checks_are_collected(self) -> None:
        method = _method()
        validation.schema({}, '2.0', '2.0')(method)
        validation.schema({}, '2.1')(method)
        validation.response_body_schema({}, '2.1')(method)
        found = facts.of(method) or facts.Facts()
        self.assertEqual(
            (2, 0, 1), (len(found.body), len(found.query), len(found.answer))
        )


class StatusTest(base.TestCase):
    """With which status an error is answered."""

    known = facts.Facts(
        expected=frozenset({404}),
        codes={exception.InvalidAggregateAction: 409},
    )

    def test_expected(self) -> None:
        error = exception.AggregateNotFound(aggregate_id=1)
        self.assertEqual(404, self.known.status_of(error))

    def test_unexpected(self) -> None:
        self.assertIsNone(self.known.status_of(exception.DuplicateImage()))

    def test_mapped_by_a_base_class(self) -> None:
        error = exception.InvalidAggregateActionUpdate(
            action='update', aggregate_id=1, reason='why'
        )
        self.assertEqual(409, self.known.status_of(error))

    def test_always(self) -> None:
        error = exception.Unauthorized()
        self.assertEqual(401, self.known.status_of(error))
