# SPDX-License-Identifier: Apache-2.0
"""A process that serves several pipelines of one configuration.

``python -m nova_aggext.tests.functional.counted SHAPE CONF_FILE`` makes the
standalone server, or the pipelines of a Nova with the filter in them, sends a
few requests, and prints which threads and how many pools that took, as JSON.
"""

import json
import pathlib
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import webob
from paste import deploy as paste_deploy

from nova_aggext import deploy

if TYPE_CHECKING:
    from _typeshed import wsgi

# As in Nova's own file; what is beneath is not called.
PASTE = """\
[composite:osapi_compute]
use = egg:Paste#urlmap
/v2 = legacy
/v2.1 = current

[pipeline:legacy]
pipeline = aggregates nova

[pipeline:current]
pipeline = aggregates nova

[filter:aggregates]
use = egg:nova-aggext#aggregates
config_file = {conf_file}

[app:nova]
use = egg:Paste#static
document_root = /nowhere
"""
LAB = {'X-Roles': 'admin', 'X-User-Id': 'me', 'X-Project-Id': 'mine'}


def main(shape: str, conf_file: str) -> None:
    """Send requests to every pipeline; tell what they took."""
    pools: set[int] = set()

    def note(connection: sa.Connection) -> None:
        pools.add(id(connection.engine.pool))

    sa.event.listen(sa.Engine, 'engine_connect', note)
    app = SHAPES[shape](conf_file)
    idle = _threads()
    for mount in ('/v2.1', '/v2'):
        name = f'of {mount}'
        path = f'{mount}/os-aggregates'
        made = _send(app, path, {'aggregate': {'name': name}})
        _send(app, f'{path}/{made.json["aggregate"]["id"]}')
    served = {'idle': idle, 'threads': _threads(), 'pools': len(pools)}
    if shape == 'standalone':
        for path in ('/healthcheck', '/metrics'):
            _send(app, path)
        served['monitored'] = len(pools)
    print(json.dumps(served))


def _standalone(conf_file: str) -> 'wsgi.WSGIApplication':
    return deploy.load([conf_file])


def _filter(conf_file: str) -> 'wsgi.WSGIApplication':
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'api-paste.ini'
        path.write_text(PASTE.format(conf_file=conf_file))
        app: wsgi.WSGIApplication = paste_deploy.loadapp(
            f'config:{path}', name='osapi_compute'
        )
        return app


SHAPES = {'standalone': _standalone, 'filter': _filter}


def _threads() -> list[str]:
    """Give the names of those that stay."""
    names = [one.name for one in threading.enumerate()]
    passing = 'aggext-watch'
    return sorted(
        name for name in names if 'aggext' in name and name != passing
    )


def _send(app: Any, path: str, body: Any = None) -> webob.Response:
    sent = webob.Request.blank(path, headers=LAB)
    if body is not None:
        sent.method, sent.json = 'POST', body
    answer = sent.get_response(app)
    if answer.status_code != 200:
        raise RuntimeError(f'{path}: {answer}')
    return answer


if __name__ == '__main__':
    main(*sys.argv[1:])
