# SPDX-License-Identifier: Apache-2.0
"""A process that serves requests while it can start no thread, and after.

``python -m nova_aggext.tests.functional.scarce CONF_FILE`` prints what came
of it, as JSON.
"""

import json
import pathlib
import resource
import sys
import threading
import time
from typing import Any

import webob

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.db import outbox

PATIENCE = 20
REQUESTS = 12
# Of memory, so that there is enough but for the stack of a thread.
_STACK = 256 * 2**20
_SPARE = 64 * 2**20

LAB = {'X-Roles': 'admin', 'X-User-Id': 'me', 'X-Project-Id': 'mine'}


def main(conf_file: str) -> None:
    """Serve requests; say how they were answered, and what waits."""
    made = services.Services(aggext_conf.load([conf_file]))
    api = application.Application(made).api()
    threading.stack_size(_STACK)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_used() + _SPARE, before[1]))
    result: dict[str, Any] = {
        'startable': _is_startable(),
        'answers': [_create(api, str(one)) for one in range(REQUESTS)],
        'waiting': _waiting(made),
    }
    resource.setrlimit(resource.RLIMIT_AS, before)
    result['answer'] = _create(api, 'last')
    until = time.monotonic() + PATIENCE
    while _waiting(made) and time.monotonic() < until:
        time.sleep(0.05)
    result['left'] = _waiting(made)
    print(json.dumps(result))
    made.close()


def _used() -> int:
    pages = int(pathlib.Path('/proc/self/statm').read_text().split()[0])
    return pages * resource.getpagesize()


def _is_startable() -> bool:
    try:
        threading.Thread(target=time.time).start()
    except RuntimeError:
        return False
    return True


def _create(api: Any, name: str) -> int:
    body = {'aggregate': {'name': name}}
    sent = webob.Request.blank(
        '/os-aggregates', headers=LAB, method='POST', json=body
    )
    status: int = sent.get_response(api).status_int
    return status


def _waiting(made: services.Services) -> int:
    return made.database.ask(outbox.waiting).messages


if __name__ == '__main__':
    main(sys.argv[1])
