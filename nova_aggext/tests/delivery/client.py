# SPDX-License-Identifier: Apache-2.0
"""Requests to a server of ours."""

import dataclasses
import json
from typing import Any
import urllib.error
import urllib.request

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
AGGREGATES = '/v2.1/os-aggregates'


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: Any


def call(
    url: str,
    method: str,
    path: str,
    body: Any = None,
    version: str = '2.81',
    **headers: str,
) -> Answer:
    """Send one request.

    :param headers: with underscores for dashes
    """
    sent = {
        'OpenStack-API-Version': f'compute {version}',
        'Content-Type': 'application/json',
        **{name.replace('_', '-'): value for name, value in headers.items()},
    }
    request = urllib.request.Request(
        url + path,
        None if body is None else json.dumps(body).encode(),
        sent,
        method=method,
    )
    try:
        with _DIRECT.open(request, timeout=60) as answer:
            return _answer(answer.status, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error)


def _answer(status: int, answer: Any) -> Answer:
    text = answer.read()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(status, headers, json.loads(text) if text else None)
