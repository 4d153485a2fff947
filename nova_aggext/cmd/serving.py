# SPDX-License-Identifier: Apache-2.0
"""The HTTP server of the command: one process with a pool of threads.

Waitress gives a thread to a request that has arrived as a whole, and to no
other, so that a client that is slow or silent holds up nobody.
"""

import logging
import resource
import signal
import socket
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import waitress
from waitress import wasyncore

from nova_aggext.cmd import signals

if TYPE_CHECKING:
    from _typeshed import wsgi

# Seconds in which a request must arrive, head and body.
ARRIVAL = 60
# Seconds that a connection may be idle between two requests.
KEEP_ALIVE = 75
# Seconds that requests in flight get after SIGTERM.
GRACE = 30
# Connections at a time, and files that are left for all else.
CONNECTIONS = 1000
_OTHER_FILES = 200
_LARGEST_HEAD = 65536
# Smaller ones are refused by the application, in Nova's form.
_LARGEST_BODY = 1024 * 1024
# Seconds between two looks at what is late.
_TICK = 1


class Server:
    """Serves an application until it is stopped."""

    def __init__(
        self,
        application: 'wsgi.WSGIApplication',
        listener: socket.socket,
        threads: int,
        *,
        arrival: float = ARRIVAL,
    ) -> None:
        """Take what it serves, and where.

        :param arrival: seconds in which a request must arrive
        """
        self._arrival = arrival
        self._since: weakref.WeakKeyDictionary[Any, float] = (
            weakref.WeakKeyDictionary()
        )
        self._next_look = 0.0
        self._stopping = False
        self._report: Callable[[], None] = _nothing
        self._report_is_wanted = False
        # What its loop watches.
        self._map: dict[int, Any] = {}
        self._server = waitress.create_server(
            application,
            map=self._map,
            sockets=[listener],
            threads=threads,
            connection_limit=_connections(),
            channel_timeout=KEEP_ALIVE,
            cleanup_interval=_TICK,
            max_request_header_size=_LARGEST_HEAD,
            max_request_body_size=_LARGEST_BODY,
            asyncore_use_poll=True,
            ident=None,
            # Whether proxies are believed is for a filter to decide.
            clear_untrusted_proxy_headers=False,
        )
        # That requests wait for a thread is nothing to warn of.
        logging.getLogger('waitress.queue').setLevel(logging.ERROR)

    def obey_signals(self, report: Callable[[], None]) -> None:
        """Let SIGTERM and SIGINT stop it; to be called by the main thread.

        :param report: says what the process is doing, when SIGUSR2 asks
        """
        self._report = report
        signal.signal(signal.SIGUSR2, self._want_report)
        signals.show_threads()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        # Nothing is read anew, and a terminal that closes is no reason.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def run(self, ready: Callable[[], None]) -> None:
        """Serve; what is in flight at the end is finished.

        :param ready: called once connections are accepted
        """
        ready()
        while not self._stopping:
            self._turn()
            self._report_if_wanted()
        # The listener alone: what is in flight needs the rest.
        wasyncore.dispatcher.close(self._server)
        end = time.monotonic() + GRACE
        while self._finish() and time.monotonic() < end:
            self._turn()
        self._server.task_dispatcher.shutdown(timeout=_TICK)
        self._server.trigger.close()

    def stop(self, *_signal: object) -> None:
        """Have it stop; safe in a signal handler and in any thread."""
        if not self._stopping:
            self._stopping = True
            self._server.pull_trigger()

    def _want_report(self, *_signal: object) -> None:
        self._report_is_wanted = True
        self._server.pull_trigger()

    def _report_if_wanted(self) -> None:
        """Let a thread of its own report: that may take seconds."""
        if self._report_is_wanted:
            self._report_is_wanted = False
            threading.Thread(
                target=self._report, name='aggext-report', daemon=True
            ).start()

    def _turn(self) -> None:
        """Wait for something to happen, and handle it."""
        wasyncore.loop(timeout=_TICK, use_poll=True, map=self._map, count=1)
        self._close_late(time.monotonic())

    def _close_late(self, now: float) -> None:
        """Close connections whose request takes too long to arrive."""
        if now < self._next_look:
            return
        self._next_look = now + _TICK
        for channel in self._server.active_channels.values():
            unfinished = channel.request
            if unfinished is not None:
                since = self._since.setdefault(unfinished, now)
                if now - since > self._arrival:
                    channel.will_close = True

    def _finish(self) -> bool:
        """Close what is idle; say whether anything is in flight."""
        in_flight = False
        for channel in self._server.active_channels.values():
            if channel.request or channel.requests:
                in_flight = True
            else:
                # It is closed once all is sent.
                channel.close_when_flushed = True
        return in_flight or bool(self._server.active_channels)


def _nothing() -> None:
    """Report nothing."""


def _connections() -> int:
    """Give how many connections there may be with the files allowed."""
    allowed, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(1, min(CONNECTIONS, allowed - _OTHER_FILES))
