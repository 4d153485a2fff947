# SPDX-License-Identifier: Apache-2.0
"""What makes ``/os-aggext`` an API of its own."""

import dataclasses
import functools
import json
from typing import Any

import orjson

from nova_aggext import wsgi
from nova_aggext.api.host_aggregate import errors
from nova_aggext.wsgi import microversion

SERVICE_TYPE = 'host-aggregate'
ROOT = '/os-aggext'


@functools.lru_cache(maxsize=8)
def serving(help_url: str) -> wsgi.Api:
    """Give the API whose errors link to a page of the documentation."""
    return dataclasses.replace(
        API, fault=functools.partial(errors.form, help_url)
    )


@functools.lru_cache(maxsize=8)
def discovery(help_url: str) -> wsgi.Api:
    """Give the same for who asks which versions there are."""
    return dataclasses.replace(
        serving(help_url), root=None, has_microversions=False
    )


def loads(body: bytes) -> Any:
    """Parse a body; an object holds each key once.

    :raises json.JSONDecodeError: else, or for what is no JSON in UTF-8
    """
    # Refuses what Python's parser takes, such as NaN.
    orjson.loads(body)
    try:
        return json.loads(body.decode(), object_pairs_hook=_once)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:
        # Each parser has limits of its own.
        reason = 'it is nested too deeply, or has a number that is too long'
        raise json.JSONDecodeError(reason, '', 0) from error


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise json.JSONDecodeError('a key comes twice in one object', '', 0)
    return found


API = wsgi.Api(
    service_type=SERVICE_TYPE,
    supported=microversion.Range.parse('1.0', '1.0'),
    fault=functools.partial(errors.form, ''),
    root=ROOT,
    loads=loads,
    refuses_queries=True,
)
