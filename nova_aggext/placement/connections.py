# SPDX-License-Identifier: Apache-2.0
"""Connections to placement, none of which waits for another one of ours."""

import threading
from typing import Any

import requests.adapters
from keystoneauth1 import session as ks_session

# How a session of requests names what an adapter is for.
_SCHEMES = ('http://', 'https://')


class SparingAdapter(requests.adapters.BaseAdapter):
    """Keeps a connection open only while no other call is in progress.

    A server may give a worker to each connection until that is closed. One
    that is open and idle would take the worker that another call waits for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._calls = 0
        self._idle: requests.adapters.HTTPAdapter | None = None

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request; give the answer, read to its end."""
        adapter = self._take()
        try:
            answer = adapter.send(*arguments, **options)
            # What is read has no more need of its connection.
            _ = answer.content
            return answer
        finally:
            self._give_back(adapter)

    def close(self) -> None:
        """Close what is open and not used."""
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()

    def _take(self) -> requests.adapters.HTTPAdapter:
        with self._lock:
            self._calls += 1
            idle, self._idle = self._idle, None
        return idle or ks_session.TCPKeepAliveAdapter()

    def _give_back(self, adapter: requests.adapters.HTTPAdapter) -> None:
        with self._lock:
            self._calls -= 1
            if not self._calls:
                self._idle = adapter
                return
        adapter.close()


def spare(session: ks_session.Session) -> None:
    """Let a session keep no connection open that others wait for."""
    adapter = SparingAdapter()
    for scheme in _SCHEMES:
        session.session.mount(scheme, adapter)
