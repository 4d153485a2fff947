# SPDX-License-Identifier: Apache-2.0
"""Answers as they are recorded: with tokens for what differs between runs.

The texts of messages are not compared, and of the headers only ``HEADERS``.
"""

import json
import re
from typing import Any

from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.functional.contract import variables as case_variables

TIMESTAMP = '<timestamp>'

HEADERS = (
    'Content-Type',
    'OpenStack-API-Version',
    'X-OpenStack-Nova-API-Version',
    'Vary',
    'x-openstack-request-id',
    'x-compute-request-id',
)
FAULTS = {
    'badRequest',
    'unauthorized',
    'forbidden',
    'itemNotFound',
    'badMethod',
    'conflictingRequest',
    'overLimit',
    'badMediaType',
    'notImplemented',
    'serviceUnavailable',
    'computeFault',
}
# The JSON form of an answer to an unknown route.
_NO_ROUTE = {'message', 'code', 'title'}

_UUID_TEXT = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
_UUID = re.compile(_UUID_TEXT)
_REQUEST_ID = re.compile(f'req-{_UUID_TEXT}')
_TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}')
_TIMES = ('created_at', 'updated_at', 'deleted_at')


class Normaliser:
    """Puts tokens into the answers of one case."""

    def __init__(
        self, base_url: str, variables: case_variables.Variables
    ) -> None:
        self.base_url = base_url
        self.variables = variables

    def answer(self, answer: client.Answer) -> dict[str, Any]:
        """Give an answer in the form in which answers are recorded."""
        return {
            'status': answer.status,
            'headers': headers(answer.headers),
            'body': self.body(answer.body),
        }

    def body(self, raw: bytes) -> Any:
        """Give the JSON of a body; None for an empty one."""
        if not raw:
            return None
        try:
            value = json.loads(raw)
        except ValueError:
            return {'<not json>': True}
        if not isinstance(value, dict):
            return self._value(value)
        if set(value) == _NO_ROUTE:
            return {**value, 'message': '<message>'}
        for fault, inner in value.items():
            if fault in FAULTS and isinstance(inner, dict):
                return {fault: {**self._value(inner), 'message': '<message>'}}
        return self._value(value)

    def _value(self, value: Any, key: str = '') -> Any:
        if isinstance(value, dict):
            return {
                self._text(name): self._value(item, name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, str):
            return self._string(value, key)
        if key == 'id' and type(value) is int:
            return self._saved(value) or '<int>'
        return value

    def _string(self, value: str, key: str) -> str:
        if key == 'uuid' and _UUID.fullmatch(value):
            return self._saved(value) or '<uuid>'
        if key in _TIMES and _TIME.fullmatch(value):
            return TIMESTAMP
        return self._text(value)

    def _text(self, text: str) -> str:
        text = text.replace(self.base_url, '<base>')
        for name in ('u', 'U'):
            text = text.replace(self.variables[name], f'{{{name}}}')
        return text

    def _saved(self, value: object) -> str | None:
        for name, saved in self.variables.items():
            if type(saved) is type(value) and saved == value:
                return f'{{{name}}}'
        return None


def headers(pairs: list[tuple[str, str]]) -> dict[str, str | None]:
    """Give the headers that are compared; None for those not sent."""
    found: dict[str, str | None] = {}
    for name in HEADERS:
        values = [
            value for given, value in pairs if given.lower() == name.lower()
        ]
        found[name] = _header(name, values) if values else None
    return found


def _header(name: str, values: list[str]) -> str | None:
    joined = ', '.join(values)
    if name == 'Vary':
        parts = {part.strip() for part in joined.split(',')}
        # Nova never names this one; what may be kept does here.
        return ', '.join(sorted(parts - {'', 'Accept'})) or None
    if name.endswith('request-id') and _REQUEST_ID.fullmatch(joined):
        return '<reqid>'
    return joined
