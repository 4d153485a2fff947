# SPDX-License-Identifier: Apache-2.0
"""Patterns of ``*`` and ``?``, by code point."""


def matches(glob: str, text: str) -> bool:
    """Say whether a text matches a pattern.

    Takes time as the product of both lengths at most: only the last ``*``
    ever has to take more than it did.
    """
    place = at = 0
    star, taken = -1, 0
    while at < len(text):
        if place < len(glob) and glob[place] == '*':
            star, taken = place, at
            place += 1
        elif place < len(glob) and glob[place] in ('?', text[at]):
            place += 1
            at += 1
        elif star >= 0:
            taken += 1
            place, at = star + 1, taken
        else:
            return False
    return not glob[place:].strip('*')
