# SPDX-License-Identifier: Apache-2.0
"""Values of filters, written so that they mean what they say."""

import re
from collections.abc import Iterable

_OPERATOR = re.compile(r'(in|nin|neq|gt|gte|lt|lte|glob):')


def literal(value: str) -> str:
    """Write a value that is compared as it is."""
    if value in ('', 'null') or value[0] == '"' or _OPERATOR.match(value):
        return _quoted(value)
    return value


def one_of(values: Iterable[str]) -> str:
    """Write what is true of each of some values."""
    return 'in:' + ','.join(map(_quoted, values))


def glob(pattern: str) -> str:
    """Write a pattern of ``*`` and ``?``; a name stands for itself."""
    if '*' in pattern or '?' in pattern:
        return f'glob:{_quoted(pattern)}'
    return literal(pattern)


def _quoted(value: str) -> str:
    escaped = value.replace('\\', '\\\\').replace('"', '\\"')
    return f'"{escaped}"'
