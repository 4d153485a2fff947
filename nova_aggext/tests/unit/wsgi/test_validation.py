# SPDX-License-Identifier: Apache-2.0
"""Schemas, their formats and versions."""

from typing import Any

from nova_aggext.tests import base
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import validation

V21 = microversion.Version(2, 1)
V20 = microversion.Version(2, 0)


def _checks(schema: Any, *versions: str) -> tuple[facts.Check, ...]:
    def method() -> None:
        """Do nothing."""

    validation.schema(schema, *(versions or ('2.0',)))(method)
    return (facts.of(method) or facts.Facts()).body


def _lenient(checks: tuple[facts.Check, ...], document: Any) -> Any:
    return validation.run(checks, V20, document, is_lenient=True)


class FormatsTest(base.TestCase):
    """Formats that JSON Schema lacks."""

    def _fits(self, form: str, value: object) -> bool:
        try:
            validation.run(_checks({'format': form}), V21, value)
        except errors.ValidationError:
            return False
        return True

    def test_printable(self) -> None:
        for text in ('', 'rack 1', 'Zürich', '中', '\u0301', '\u00a0'):
            self.assertTrue(self._fits('printable', text), repr(text))
        for text in (
            '\n',
            '\x00',
            '\x7f',
            '\u200b',
            '\u2028',
            '\u2029',
            '\ue000',
            '\ud800',
            '\u0378',
            '\U0001f600',
        ):
            self.assertFalse(self._fits('printable', text), repr(text))

    def test_basic_plane(self) -> None:
        self.assertTrue(self._fits('basic-plane', 'a\uffff\n'))
        self.assertFalse(self._fits('basic-plane', 'a\U00010000'))

    def test_stripped(self) -> None:
        self.assertTrue(self._fits('stripped', 'a b'))
        self.assertFalse(self._fits('stripped', ' a'))
        self.assertFalse(self._fits('stripped', 'a\t'))

    def test_not_blank(self) -> None:
        self.assertTrue(self._fits('not-blank', ' a '))
        self.assertFalse(self._fits('not-blank', ' \t'))
        self.assertFalse(self._fits('not-blank', ''))

    def test_uuid(self) -> None:
        uuid = '70a599e0-31e7-49b7-b260-868f441e862b'
        self.assertTrue(self._fits('uuid', uuid))
        self.assertFalse(self._fits('uuid', uuid[:-1]))

    def test_what_is_no_text_is_the_business_of_the_type(self) -> None:
        for form in validation.FORMATS:
            self.assertTrue(self._fits(form, 7), form)


class VersionsTest(base.TestCase):
    """A schema counts in its versions."""

    schema = {'type': 'object', 'required': ['a']}

    def test_inside(self) -> None:
        checks = _checks(self.schema, '2.1', '2.5')
        self.assertRaises(
            errors.ValidationError, validation.run, checks, V21, {}
        )

    def test_outside(self) -> None:
        checks = _checks(self.schema, '2.5')
        self.assertEqual({}, validation.run(checks, V21, {}))


class LegacyTest(base.TestCase):
    """The legacy API drops what a schema does not know."""

    inner = {
        'type': 'object',
        'properties': {'b': {'type': 'integer'}},
        'additionalProperties': False,
    }
    schema = {
        'type': 'object',
        'properties': {'a': inner, 'free': {'type': 'object'}},
        'additionalProperties': False,
    }

    def test_dropped_on_every_level(self) -> None:
        document = {'a': {'b': 1, 'x': 2}, 'free': {'x': 3}, 'x': 4}
        self.assertEqual(
            {'a': {'b': 1}, 'free': {'x': 3}},
            _lenient(_checks(self.schema), document),
        )

    def test_refused_later(self) -> None:
        for document in ({'x': 4}, {'a': {'x': 2}}):
            self.assertRaises(
                errors.ValidationError,
                validation.run,
                _checks(self.schema),
                V21,
                document,
            )

    def test_of_another_type(self) -> None:
        self.assertRaises(
            errors.ValidationError,
            _lenient,
            _checks(self.schema),
            {'a': [1]},
        )

    def test_queries_are_not_changed(self) -> None:
        def method() -> None:
            """Do nothing."""

        validation.query_schema(self.schema, '2.0')(method)
        known = facts.of(method) or facts.Facts()
        self.assertRaises(
            errors.ValidationError,
            validation.run,
            known.query,
            V20,
            {'x': ['1']},
        )


class MessagesTest(base.TestCase):
    """What the caller is told."""

    def _message(self, schema: Any, document: Any) -> str:
        error = self.assertRaises(
            errors.ValidationError,
            validation.run,
            _checks(schema),
            V21,
            document,
        )
        return str(error)

    def test_path_value_and_rule(self) -> None:
        schema = {'properties': {'a': {'items': {'maxLength': 1}}}}
        self.assertEqual(
            "Invalid input for body.a.1: 'xy' does not satisfy maxLength: 1.",
            self._message(schema, {'a': ['x', 'xy']}),
        )

    def test_facts(self) -> None:
        """The form of a fault can tell them by themselves."""
        schema = {'properties': {'a': {'items': {'maxLength': 1}}}}
        error = self.assertRaises(
            errors.ValidationError,
            validation.run,
            _checks(schema),
            V21,
            {'a': ['x', 'xy']},
        )
        known = {key: error.kwargs[key] for key in ('where', 'path', 'rule')}
        self.assertEqual(
            {'where': 'body', 'path': ('a', '1'), 'rule': 'maxLength'}, known
        )

    def test_long_values_are_cut(self) -> None:
        text = self._message({'maxLength': 1}, 'x' * 1000)
        self.assertIn('xxx... does', text)
        self.assertLess(len(text), 200)
