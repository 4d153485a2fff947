# SPDX-License-Identifier: Apache-2.0
"""Tells systemd that a process is ready, where it wants to know."""

import logging
import os
import socket

LOG = logging.getLogger(__name__)

# Where systemd listens, for a unit of Type=notify.
VARIABLE = 'NOTIFY_SOCKET'


def tell(status: str) -> None:
    """Say that this process is ready; without ``NOTIFY_SOCKET`` do nothing.

    That nobody listens there is logged, and no error: the process is ready.

    :param status: one line, which ``systemctl status`` shows
    """
    address = os.environ.get(VARIABLE)
    if not address:
        return
    if address.startswith('@'):
        # A name that is in no file system.
        address = '\0' + address[1:]
    message = f'READY=1\nSTATUS={status}'.encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.sendto(message, address)
    except OSError as error:
        LOG.warning('systemd cannot be told: %s: %s', VARIABLE, error)
