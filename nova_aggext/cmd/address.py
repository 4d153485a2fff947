# SPDX-License-Identifier: Apache-2.0
"""Addresses that servers bind."""

import ipaddress
import socket

from nova_aggext import exception


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


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be bound, as a port in use.

    :raises ConfigurationError: with the reason
    """
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise exception.ConfigurationError(
            reason=f'Cannot serve {host}:{port}: {error}'
        ) from error
