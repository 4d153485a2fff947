# SPDX-License-Identifier: Apache-2.0
"""The request as our controllers see it, and what they share."""

import re
from typing import Any, TypeAlias

from nova_aggext import context
from nova_aggext import exception
from nova_aggext import wsgi

Request: TypeAlias = wsgi.Request[context.RequestContext]
Body: TypeAlias = dict[str, Any]
View: TypeAlias = dict[str, Any]

_INTEGER = re.compile(r'[ \t\n\v\f\r]*([+-]?[0-9]{1,19})[ \t\n\v\f\r]*')


def aggregate_id(text: str) -> int:
    """Read the id of an aggregate in a path (cases id-*).

    Signs, leading zeros and white space are accepted. Other spellings that
    Python takes for an integer name no aggregate.

    :raises InvalidAggregateId: for what is no integer at all
    :raises AggregateNotFound: for an integer that cannot be an id
    """
    match = _INTEGER.fullmatch(text)
    if match is not None:
        return int(match[1])
    try:
        int(text)
    except ValueError as error:
        raise exception.InvalidAggregateId(aggregate_id=text) from error
    raise exception.AggregateNotFound(aggregate_id=text.strip())
