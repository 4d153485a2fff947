# SPDX-License-Identifier: Apache-2.0
"""Patterns of ``*`` and ``?``."""

import re
import time

import hypothesis
from hypothesis import strategies as st

from nova_aggext.compute import globs
from nova_aggext.tests import base

few = st.text(alphabet='*?ab[\n\u00e4', max_size=8)


class GlobsTest(base.TestCase):
    """They match whole texts."""

    @hypothesis.given(few, few)
    @hypothesis.settings(max_examples=1000, deadline=None)
    @hypothesis.example('', '')
    @hypothesis.example('**', '')
    @hypothesis.example('*a*b', 'aab')
    def test_as_regular_expressions(self, glob: str, text: str) -> None:
        parts = (
            {'*': '.*', '?': '.'}.get(char, re.escape(char)) for char in glob
        )
        expected = re.fullmatch(''.join(parts), text, re.DOTALL) is not None
        self.assertIs(expected, globs.matches(glob, text))

    def test_takes_no_longer_for_many_stars(self) -> None:
        begun = time.monotonic()
        self.assertFalse(globs.matches('*a' * 200 + 'b', 'a' * 255))
        self.assertLess(time.monotonic() - begun, 1)
