# SPDX-License-Identifier: Apache-2.0
"""What every test shares."""

import os
import typing

import fixtures
import testtools


class TestCase(testtools.TestCase):
    """A test that keeps logs, shown only when it fails."""

    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())


def missing(service: str, reason: object) -> typing.NoReturn:
    """Skip a test whose service is missing; with ``CI=true`` fail it."""
    message = f'{service} is missing: {reason}'
    if os.environ.get('CI') == 'true':
        raise RuntimeError(message)
    raise testtools.TestCase.skipException(message)
