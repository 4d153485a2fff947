# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ of its own, to be stopped, frozen and started again."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import uuid

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server

# Where Debian has the program that any user may run.
_PROGRAM = pathlib.Path('/usr/lib/rabbitmq/bin/rabbitmq-server')
_CONTROL = _PROGRAM.with_name('rabbitmqctl')
_HELLO = b'AMQP\x00\x00\x09\x01'
# Seconds until it must serve, or be gone.
_START = 240
_STOP = 60
# Seconds that a command to it may take on a slow machine.
_CONTROL_SECONDS = 120


class Node(fixtures.Fixture):
    """A node with a directory of its own; it keeps what is durable.

    :ivar url: the transport URL of oslo.messaging
    :ivar amqp: the URL for kombu
    """

    def _setUp(self) -> None:
        if not _PROGRAM.exists():
            base.missing('RabbitMQ', f'there is no {_PROGRAM}')
        self._folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.port = server.free_port()
        self._distribution = server.free_port()
        self._name = f'aggext-{uuid.uuid4().hex}@localhost'
        self.url = f'rabbit://guest:guest@127.0.0.1:{self.port}/'
        self.amqp = f'amqp://guest:guest@127.0.0.1:{self.port}//'
        listener = f'listeners.tcp.1 = 127.0.0.1:{self.port}\n'
        (self._folder / 'rabbitmq.conf').write_text(listener)
        self.start()
        self.addCleanup(self.kill)

    def start(self) -> None:
        """Start it and wait until it serves.

        :raises RuntimeError: with what it said, when it does not
        """
        with (self._folder / 'output').open('ab') as output:
            self.process = subprocess.Popen(
                [_PROGRAM],
                cwd=self._folder,
                env={**os.environ, **self._variables()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START
        while not self._serves():
            dead = self.process.poll() is not None
            if dead or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError((self._folder / 'output').read_text())
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self._signal(signal.SIGTERM)
        self.process.wait(_STOP)

    def kill(self) -> None:
        """Kill it."""
        self._signal(signal.SIGKILL)
        self.process.wait(_STOP)

    def freeze(self) -> None:
        """Let it do nothing, and keep its connections."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def control(self, *arguments: str) -> None:
        """Tell it what to do.

        :raises subprocess.SubprocessError: when it cannot do it
        """
        variables = self._variables()
        shared = ('HOME', 'RABBITMQ_CONF_ENV_FILE')
        subprocess.run(
            [_CONTROL, '--node', self._name, *arguments],
            check=True,
            env={**os.environ, **{name: variables[name] for name in shared}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_CONTROL_SECONDS,
        )

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and what it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def _variables(self) -> dict[str, str]:
        folder = self._folder
        return {
            # The cookie is there.
            'HOME': str(folder),
            'RABBITMQ_NODENAME': self._name,
            'RABBITMQ_NODE_PORT': str(self.port),
            'RABBITMQ_DIST_PORT': str(self._distribution),
            'RABBITMQ_CONFIG_FILE': str(folder / 'rabbitmq.conf'),
            'RABBITMQ_CONF_ENV_FILE': str(folder / 'none'),
            'RABBITMQ_ENABLED_PLUGINS_FILE': str(folder / 'plugins'),
            'RABBITMQ_MNESIA_BASE': str(folder / 'mnesia'),
            'RABBITMQ_LOG_BASE': str(folder / 'log'),
            'RABBITMQ_PID_FILE': str(folder / 'pid'),
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '+S 1:1 +sbwt none',
        }

    def _serves(self) -> bool:
        try:
            address = ('127.0.0.1', self.port)
            with socket.create_connection(address, 5) as probe:
                probe.sendall(_HELLO)
                return bool(probe.recv(1))
        except OSError:
            return False
