# SPDX-License-Identifier: Apache-2.0
"""A virtual host of its own on a RabbitMQ.

That is the one of this machine, or the one ``AGGEXT_TEST_RABBITMQ`` names, as
``rabbit://USER:PASSWORD@ADDRESS:PORT``; ``rabbitmqctl`` must work for it.
"""

import os
import subprocess
import urllib.parse
import uuid

import fixtures

from nova_aggext.tests import base

DEFAULT = 'rabbit://guest:guest@127.0.0.1:5672'
VARIABLE = 'AGGEXT_TEST_RABBITMQ'
# Seconds that the tool may take.
_SECONDS = 60


class VirtualHost(fixtures.Fixture):
    """An empty virtual host.

    :ivar url: the transport URL of oslo.messaging
    :ivar amqp: the URL for kombu
    """

    def _setUp(self) -> None:
        server = os.environ.get(VARIABLE) or DEFAULT
        user = urllib.parse.urlsplit(server).username or 'guest'
        self.name = f'aggext-{uuid.uuid4().hex}'
        self.url = f'{server}/{self.name}'
        self.amqp = self.url.replace('rabbit:', 'amqp:', 1)
        try:
            control('add_vhost', self.name)
        except (OSError, subprocess.SubprocessError) as error:
            base.missing('RabbitMQ', error)
        self.addCleanup(control, 'delete_vhost', self.name)
        control('set_permissions', '-p', self.name, user, '.*', '.*', '.*')


def control(*arguments: str) -> None:
    """Tell RabbitMQ what to do.

    :raises subprocess.SubprocessError: when it cannot do it
    """
    subprocess.run(
        ['rabbitmqctl', *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
    )
