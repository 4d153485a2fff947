# SPDX-License-Identifier: Apache-2.0
"""A memcached of its own."""

import shutil
import socket
import subprocess
from typing import Any

import fixtures
from oslo_cache import core
from oslo_config import cfg

from nova_aggext.tests import base
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import server

# What Nova and a server of ours need to find it.
OPTIONS = """
[cache]
enabled = true
backend = {backend}
memcache_servers = 127.0.0.1:{port}
"""


class Memcached(fixtures.Fixture):
    """An empty cache.

    :ivar options: what a service has to be configured with
    """

    def __init__(self, backend: str = 'dogpile.cache.memcached') -> None:
        """Take how a service is to reach it."""
        super().__init__()
        self.backend = backend

    def _setUp(self) -> None:
        program = shutil.which('memcached')
        if program is None:
            base.missing('memcached', 'there is no such program')
        self.port = server.free_port()
        self.options = OPTIONS.format(backend=self.backend, port=self.port)
        process = subprocess.Popen(
            [program, '-l', '127.0.0.1', '-p', str(self.port), '-u', 'nobody']
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        tap.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
        except OSError:
            return False
        return True


def region(conf_file: str) -> Any:
    """Make the cache of a Nova that is configured by a file."""
    conf = cfg.ConfigOpts()
    core.configure(conf)
    conf([], project='nova', default_config_files=[conf_file])
    made = core.create_region()
    core.configure_cache_region(conf, made)
    return made
