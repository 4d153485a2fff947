# SPDX-License-Identifier: Apache-2.0
"""What was sent and what was captured, in one form that can be compared.

Ids, times and generations become words, as in the captured facts. What no
other sender can repeat is left out: texts, tracebacks, places in the code.
"""

import ast
from collections.abc import Iterable
from collections.abc import Mapping
import re
from typing import Any

from nova_aggext.tests.delivery import proxy
from nova_aggext.tests.delivery import tap

NAMES = {
    r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}': '<timestamp:space-us>',
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}': '<timestamp:T-us>',
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ': '<timestamp:T-s-Z>',
    r'req-[0-9a-f-]{36}': '<reqid>',
    r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}': '<uuid>',
    r'[0-9a-f]{32}': '<uuid-hex>',
    r'http://127.0.0.1:\d+': 'http://127.0.0.1:<port>',
}
_PATTERNS = [(re.compile(text), name) for text, name in NAMES.items()]

# Fields of an error that are texts or places.
_OWN = ('module_name', 'function_name', 'exception_message', 'traceback')
# Arguments of an error that are texts, or that only one of the two gives.
_TEXTS = ('reason', 'action', 'code', 'key', 'present', 'cells')


def words(value: Any, known: Mapping[str, str], key: str = '') -> Any:
    """Replace what differs from run to run.

    :param known: names of uuids
    """
    if isinstance(value, Mapping):
        return {
            name: words(one, known, name)
            for name, one in value.items()
            if name != 'nova_object.changes'
        }
    if isinstance(value, list):
        return [words(one, known) for one in value]
    if isinstance(value, str):
        return _text(value, known, key)
    if isinstance(value, int) and key in ('id', 'aggregate_id'):
        return '<int>'
    return value


def sent(message: tap.Message, known: Mapping[str, str]) -> dict[str, Any]:
    """Give a message that came as the facts have it."""
    content = message.message
    effect: dict[str, Any] = {
        'exchange': message.exchange,
        'routing_key': message.routing_key,
    }
    if 'method' in content:
        for name in ('method', 'version', 'args'):
            effect[name] = content[name]
        effect['namespace'] = content.get('namespace')
        effect['kind'] = 'rpc cast'
    else:
        for name in ('event_type', 'publisher_id', 'priority', 'payload'):
            effect[name] = content[name]
        versioned = 'nova_object.name' in content['payload']
        kind = 'versioned' if versioned else 'legacy'
        effect['kind'] = f'{kind} notification'
    return told(words(effect, known))


def told(effect: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of a fact what nobody else can repeat."""
    kept: dict[str, Any] = words(effect, {})
    kept.pop('fanout', None)
    payload = kept.get('payload', {})
    if 'exception' in payload:
        payload['exception'] = _error(payload['exception'])
    data = payload.get('nova_object.data', {})
    if 'exception' in data:
        for name in _OWN:
            data.pop(name)
    return kept


def asked(calls: Iterable[proxy.Call], known: Mapping[str, str]) -> list[Any]:
    """Give calls of placement as the facts have them, version aside."""
    first: dict[str, int] = {}
    found = []
    for call in calls:
        body = call.body and dict(call.body)
        if body:
            generation = body['resource_provider_generation']
            ahead = generation - first.setdefault(call.path, generation)
            body['resource_provider_generation'] = (
                f'<gen+{ahead}>' if ahead else '<gen>'
            )
        found.append(
            called(
                {
                    'method': call.method,
                    'path': words(call.path, known),
                    'body': words(body, known),
                    'status': call.status,
                }
            )
        )
    return found


def called(effect: Mapping[str, Any]) -> dict[str, Any]:
    """Give a call as the facts have it; aggregates are a set."""
    body = effect['body'] and {
        **effect['body'],
        'aggregates': sorted(effect['body']['aggregates']),
    }
    names = ('method', 'path', 'status')
    return {**{name: effect[name] for name in names}, 'body': body}


def _text(value: str, known: Mapping[str, str], key: str) -> str:
    for uuid, name in known.items():
        value = value.replace(uuid, name)
    if key == 'publisher_id':
        return re.sub(r'^aggregate\.\d+$', 'aggregate.<int>', value)
    if key == 'aggregate_id' and value.isdigit():
        return '<int-as-string>'
    for pattern, name in _PATTERNS:
        value = pattern.sub(name, value)
    return value


def _error(text: str) -> Any:
    """Read the text of a dictionary; Nova's is the text of one."""
    plain = text.replace("'<int>'", '0').replace('<int>', '0')
    try:
        found = ast.literal_eval(plain)
    except (SyntaxError, ValueError):
        return text.partition('(')[0]
    kwargs = found['kwargs']
    return {
        'class': found['class'],
        'code': kwargs['code'],
        'kwargs': {
            name: '<int>' if name == 'aggregate_id' else value
            for name, value in kwargs.items()
            if name not in _TEXTS
        },
    }
