# SPDX-License-Identifier: Apache-2.0
"""Addresses that servers bind."""

import ipaddress
import socket

from nova_aggext import exception


# Connections that wait to be accepted.
_BACKLOG = 1024


def url(host: str, port: int) -> str:
    """Give the URL of an address."""
    return (
        f'http://[{host}]:{port}' if ':' in host else f'http://{host}:{port}'
    )


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address or a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(
        ipaddress.ip_address(address[0]).is_loopback
        for *_rest, address in found
    )


def bind(host: str, port: int) -> socket.socket:
    """Listen on an address.

    :raises ConfigurationError: when that cannot be, as with a port in use
    """
    try:
        family, *_rest, found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        # The port as it was given: the resolver makes one that fits.
        return socket.create_server(
            (found[0], port), family=family, backlog=_BACKLOG
        )
    except (OSError, OverflowError, UnicodeError) as error:
        raise exception.ConfigurationError(
            reason=f'Cannot serve {host}:{port}: {error}'
        ) from error


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be bound.

    :raises ConfigurationError: with the reason
    """
    bind(host, port).close()
