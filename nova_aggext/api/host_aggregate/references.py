# SPDX-License-Identifier: Apache-2.0
"""Ids and uuids, as addresses, filters and bodies have them."""

import re

_ID = re.compile(r'[1-9][0-9]{0,18}', re.ASCII)
_UUID = re.compile(r'[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}')


def aggregate(text: str) -> int | str | None:
    """Read an id or a uuid; None for what can be neither.

    Each has one spelling, so that every aggregate has two addresses.
    """
    if _ID.fullmatch(text):
        return int(text)
    return text if is_uuid(text) else None


def is_uuid(text: str) -> bool:
    """Say whether a text is a uuid in its one spelling."""
    return _UUID.fullmatch(text) is not None
