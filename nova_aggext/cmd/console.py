# SPDX-License-Identifier: Apache-2.0
"""How every command ends: with a status, and a line where it went wrong."""

import contextlib
import io
import os
import re
import sys
import traceback
from collections.abc import Callable

from oslo_config import cfg

from nova_aggext import exception

DONE = 0
WRONG = 1
USAGE = 2
# 128 and the number of the signal, as a shell tells of them.
INTERRUPTED = 130
BROKEN_PIPE = 141

# Between the name of the scheme and the host of a URL.
_CREDENTIALS = re.compile(r'//[^/@\s]*@')


def guarded(
    name: str,
    work: Callable[[], int],
    *,
    debug: bool = False,
    failure: int = WRONG,
) -> int:
    """Give the status of ``work``; nothing but ``SystemExit`` is raised.

    What goes wrong is told in one line on standard error.

    :param name: of the program, which the line begins with
    :param debug: show where it went wrong as well
    :param failure: the status where it did
    """
    _write_anything(sys.stdout)
    try:
        status = work()
        sys.stdout.flush()
    except BrokenPipeError:
        _forget(sys.stdout)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        say(name, 'interrupted')
        return INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        say(name, _explain(error))
        return failure
    return status


def say(name: str, text: str) -> None:
    """Print a line on standard error that begins with the program's name."""
    line = _CREDENTIALS.sub('//***@', ' '.join(text.split()))
    # Whoever read it may be gone.
    with contextlib.suppress(OSError):
        print(f'{name}: {line}', file=sys.stderr)


def _explain(error: Exception) -> str:
    if isinstance(error, (exception.AggextException, cfg.Error)):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        named = f': {error.filename}' if error.filename else ''
        return f'{error.strerror}{named}'
    first = str(error).strip().partition('\n')[0]
    return f'{type(error).__name__}: {first} (--debug shows where)'


def _write_anything(stream: object) -> None:
    """Let a stream replace what its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors='backslashreplace')


def _forget(stream: object) -> None:
    """Let nobody flush a stream that has no reader, not even Python."""
    if isinstance(stream, io.TextIOWrapper):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
