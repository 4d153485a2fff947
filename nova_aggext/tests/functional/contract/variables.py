# SPDX-License-Identifier: Apache-2.0
"""The variables of a case: ``{u}``, a token of its own, and saved values."""

import random
import re
import string
from typing import Any

Variables = dict[str, Any]

_VARIABLE = re.compile(r'\{([A-Za-z_][A-Za-z0-9_]*)\}')
_TOKEN_LENGTH = 8


def new() -> Variables:
    """Give the variables of a case that begins.

    The token keeps the names of one case apart from those of others.
    """
    token = ''.join(random.choices(string.ascii_lowercase, k=_TOKEN_LENGTH))
    return {'u': token, 'U': token.upper()}


def fill_in(value: Any, variables: Variables) -> Any:
    """Replace ``{name}`` by the variable, in all texts of a JSON value."""
    if isinstance(value, str):
        return _VARIABLE.sub(
            lambda found: str(variables.get(found[1], found[0])), value
        )
    if isinstance(value, list):
        return [fill_in(item, variables) for item in value]
    if isinstance(value, dict):
        return {
            fill_in(key, variables): fill_in(item, variables)
            for key, item in value.items()
        }
    return value


def look_up(value: Any, where: str) -> Any:
    """Give what is at a dotted path of a JSON value; None without it."""
    for part in where.split('.'):
        try:
            value = value[int(part) if isinstance(value, list) else part]
        except (LookupError, TypeError, ValueError):
            return None
    return value
