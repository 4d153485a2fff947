# SPDX-License-Identifier: Apache-2.0
"""The recorded cases: their files, their requests, their right answers."""

import base64
import dataclasses
import json
import pathlib
from typing import Any

from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.functional.contract import variables as case_variables

FOLDER = pathlib.Path(__file__).parent / 'cases'

Step = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Case:
    """One scenario.

    :ivar hosts: the hosts that exist when it begins
    :ivar instances: how many instances are on which of them
    :ivar steps: requests with answers, and changes of the world
    :ivar needs: what must stand beside the server
    """

    name: str
    hosts: list[Any]
    instances: dict[str, Any]
    steps: list[Step]
    needs: set[str]


def load() -> list[Case]:
    """Read all cases, by name."""
    return [_read(path) for path in sorted(FOLDER.glob('*.json'))]


def _read(path: pathlib.Path) -> Case:
    data = json.loads(path.read_text())
    return Case(
        name=data['name'],
        hosts=data['hosts'],
        instances=data['instances'],
        steps=data['steps'],
        needs=set(data.get('needs', [])),
    )


def right_answers(step: Step) -> list[dict[str, Any]]:
    """Give the answers of which one is right.

    Where Nova answers wrongly, its own answer is not among them.
    """
    right: Any = step.get('expect_fixed', step['expect'])
    return right if isinstance(right, list) else [right]


def request(step: Step, variables: case_variables.Variables) -> client.Request:
    """Make the request of a step."""
    headers = case_variables.fill_in(step.get('headers') or {}, variables)
    named = {name.lower() for name in headers}
    if 'body' in step and 'content-type' not in named:
        headers['Content-Type'] = 'application/json'
    return client.Request(
        method=step['method'],
        path=case_variables.fill_in(step['path'], variables),
        headers={
            name: value for name, value in headers.items() if value is not None
        },
        body=_body(step, variables),
        chunked=step.get('chunked', False),
    )


def _body(step: Step, variables: case_variables.Variables) -> bytes | None:
    if 'raw_b64' in step:
        return base64.b64decode(step['raw_b64'])
    if 'raw' in step:
        raw = case_variables.fill_in(step['raw'], variables)
        return bytes(raw.encode('utf-8', 'surrogatepass'))
    if 'raw_repeat' in step:
        parts = case_variables.fill_in(step['raw_repeat'], variables)
        text = parts['prefix'] + parts['text'] * parts['count']
        return bytes((text + parts['suffix']).encode())
    if 'body' in step:
        return json.dumps(
            case_variables.fill_in(step['body'], variables)
        ).encode()
    return None
