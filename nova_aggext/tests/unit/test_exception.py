# SPDX-License-Identifier: Apache-2.0
"""Domain errors."""

import string
from collections.abc import Iterator

from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.wsgi import errors


def _errors(
    kind: type[exception.AggextException],
) -> Iterator[type[exception.AggextException]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _errors(child)


class ExceptionTest(base.TestCase):
    """What all errors have in common."""

    def test_texts_can_be_made(self) -> None:
        for kind in _errors(exception.AggextException):
            names = [
                name
                for _text, name, _form, _kind in string.Formatter().parse(
                    kind.msg_fmt
                )
                if name
            ]
            error = kind(**{name: f'<{name}>' for name in names})
            for name in names:
                self.assertIn(f'<{name}>', str(error))
            self.assertEqual(set(names), set(error.kwargs))

    def test_every_error_says_something_of_its_own(self) -> None:
        bases = (
            exception.Invalid,
            exception.NotFound,
            exception.Conflict,
            exception.ServiceUnavailable,
            errors.RequestRefused,
            exception.Forbidden,
        )
        default = exception.AggextException.msg_fmt
        for kind in _errors(exception.AggextException):
            if kind.msg_fmt == default:
                self.assertIn(kind, (exception.AggextException, *bases))

    def test_a_fact_that_is_missing(self) -> None:
        self.assertRaises(KeyError, exception.AggregateNotFound)

    def test_who_may_repeat_is_told_when(self) -> None:
        for kind in _errors(exception.ServiceUnavailable):
            if issubclass(kind, exception.ServiceUnavailable):
                self.assertTrue(kind.always)
                self.assertEqual(kind.code == 503, bool(kind.retry_after))

    def test_a_database_that_must_be_mended(self) -> None:
        """To repeat a request is in vain, so nobody is told to."""
        error = exception.DatabaseMisfit(reason='no table', option='x')
        self.assertEqual((500, None), (error.code, error.retry_after))
        self.assertNotIn('no table', error.public)
