# SPDX-License-Identifier: Apache-2.0
"""Traces of osprofiler: a request, its statements, what it lets be told.

osprofiler keeps in each thread which trace is under way. Who begins one is a
filter in the pipeline; here it goes on in the threads that deliver.
"""

import contextlib
import importlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nova_aggext import exception
from nova_aggext import extras

if TYPE_CHECKING:
    from _typeshed import wsgi

LIBRARY = 'osprofiler'
_STATEMENT = 'db'
_DELIVERY = 'aggext_tell'

Trace = Mapping[str, str]


def _module(name: str) -> Any:
    """Import a module of the library.

    :raises ExtraMissing: when it is not installed
    """
    if not extras.is_installed(LIBRARY):
        raise exception.ExtraMissing(
            option='[profiler] enabled', package=LIBRARY, extra=LIBRARY
        )
    return importlib.import_module(f'{LIBRARY}.{name}')


def options() -> Callable[[Any], None]:
    """Give what makes all options of the library known to a ConfigOpts."""
    register: Callable[[Any], None] = _module('opts').set_defaults
    return register


def begin(conf: Any, service: str) -> None:
    """Let this process send traces; for processes of our own.

    :param conf: with the options that ``options`` registers
    """
    _module('initializer').init_from_conf(
        conf, {}, project='nova-aggext', service=service, host=''
    )


def middleware(
    app: 'wsgi.WSGIApplication', hmac_keys: str
) -> 'wsgi.WSGIApplication':
    """Make what traces the requests that ask for it with one of these keys."""
    made: wsgi.WSGIApplication = _module('web').WsgiMiddleware(
        app, hmac_keys, enabled=True
    )
    return made


class Tracer:
    """Traces what happens in the threads of this process."""

    def __init__(self, hmac_keys: str) -> None:
        """Take the keys; the first signs what is asked of others."""
        self._profiler = _module('profiler')
        self._key = hmac_keys.partition(',')[0].strip()

    def begin(self, statement: str) -> None:
        """Trace a statement, where a trace is under way."""
        self._profiler.start(_STATEMENT, {'db': {'statement': statement}})

    def end(self) -> None:
        """Trace its end."""
        self._profiler.stop()

    def here(self) -> Trace | None:
        """Give what is needed to let a trace go on elsewhere, if there is one.

        It holds no key.
        """
        found = self._profiler.get()
        if found is None:
            return None
        return {
            'base_id': found.get_base_id(),
            'parent_id': found.get_id(),
        }

    @contextlib.contextmanager
    def telling(self, trace: Trace, kind: str, stream: str) -> Iterator[None]:
        """Let a trace go on in this thread while a message is told."""
        self._profiler.init(self._key, trace['base_id'], trace['parent_id'])
        info = {'message': {'kind': kind, 'stream': stream}}
        try:
            with self._profiler.Trace(_DELIVERY, info=info):
                yield
        finally:
            self._profiler.clean()
