# SPDX-License-Identifier: Apache-2.0
"""Runs a command with the system calls that a unit leaves to it, no others.

To be called with the name of a unit file, and the command. It does what
systemd makes of ``SystemCallFilter``, ``RestrictAddressFamilies``,
``NoNewPrivileges`` and ``MemoryDenyWriteExecute``.
"""

import ctypes
import errno
import os
import pathlib
import socket
import subprocess
import sys
from collections.abc import Iterator

# From linux/prctl.h and seccomp.h.
_SET_NO_NEW_PRIVS = 38
_SET_MDWE = 65
_REFUSE_EXEC_GAIN = 1
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_UNKNOWN = -1
_EQUAL = 4


class _Comparison(ctypes.Structure):
    """What an argument of a call is compared with: scmp_arg_cmp."""

    _fields_ = (
        ('arg', ctypes.c_uint),
        ('op', ctypes.c_int),
        ('datum_a', ctypes.c_uint64),
        ('datum_b', ctypes.c_uint64),
    )


def calls(unit: str) -> set[str]:
    """Give the system calls that a unit allows."""
    allowed: set[str] = set()
    for line in unit.splitlines():
        option, _, value = line.partition('=')
        if option != 'SystemCallFilter':
            continue
        named = {
            call
            for name in value.removeprefix('~').split()
            for call in _members(name)
        }
        if value.startswith('~'):
            allowed -= named
        else:
            allowed |= named
    return allowed


def _members(name: str) -> Iterator[str]:
    """Give the calls of a group of systemd, and of groups in it."""
    if not name.startswith('@'):
        yield name
        return
    shown = subprocess.run(
        ['systemd-analyze', '--no-pager', 'syscall-filter', name],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for line in shown.splitlines()[1:]:
        if not line.strip().startswith('#'):
            yield from _members(line.strip())


def families(unit: str) -> list[int]:
    """Give the families of addresses that a unit allows."""
    return [
        int(getattr(socket, name))
        for line in unit.splitlines()
        if line.startswith('RestrictAddressFamilies=')
        for name in line.partition('=')[2].split()
    ]


def confine(unit: str) -> None:
    """Give up all other calls, and memory that is written and executed."""
    seccomp = ctypes.CDLL('libseccomp.so.2')
    seccomp.seccomp_init.restype = ctypes.c_void_p
    made = ctypes.c_void_p(seccomp.seccomp_init(_ERRNO | errno.EPERM))
    for name in calls(unit) - {'socket'}:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number != _UNKNOWN:
            seccomp.seccomp_rule_add(made, _ALLOW, number, 0)
    number = seccomp.seccomp_syscall_resolve_name(b'socket')
    for family in families(unit):
        one = _Comparison(0, _EQUAL, family, 0)
        seccomp.seccomp_rule_add_array(
            made, _ALLOW, number, 1, ctypes.byref(one)
        )
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Kernels before 6.3 do not know it; systemd uses seccomp for it.
    libc.prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)
    if seccomp.seccomp_load(made) != 0:
        raise OSError('the filter cannot be loaded')


if __name__ == '__main__':
    confine(pathlib.Path(sys.argv[1]).read_text())
    os.execv(sys.argv[2], sys.argv[2:])
