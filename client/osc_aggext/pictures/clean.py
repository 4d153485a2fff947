# SPDX-License-Identifier: Apache-2.0
"""Texts of a cloud, made harmless to those who look at them.

Each format escapes what has a meaning in it. What has one to every terminal,
document and reader is made visible here, once, where the model is read:
control characters, halves of surrogate pairs, marks that turn the direction
of what stands around them.
"""

import re

_HARMFUL = re.compile(
    '['
    '\x00-\x1f\x7f-\x9f'  # control characters
    '\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069'  # direction
    '\u2028\u2029'  # line separators
    '\ud800-\udfff\ufffe\uffff\ufeff'  # no characters
    ']'
)


def clean(text: str) -> str:
    r"""Give a text with what is harmful in it written as ``\uXXXX``."""
    return _HARMFUL.sub(lambda found: f'\\u{ord(found.group()):04x}', text)


def maybe(text: str | None) -> str | None:
    """Do the same, where there may be none."""
    return None if text is None else clean(text)


def cut(text: str, length: int) -> str:
    """Give at most so many characters of a text, marked if there are more."""
    return text if len(text) <= length else text[: length - 1] + '…'
