# SPDX-License-Identifier: Apache-2.0
"""The files that are installed for an operator, made fit for a test."""

import pathlib
import shutil
from collections.abc import Mapping

from nova_aggext.tests import base

TOP = pathlib.Path(__file__).parents[4]
ETC = TOP / 'etc'
PATH = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'


def need(*programs: str) -> None:
    """Skip a test, or fail it in CI, unless these programs are installed."""
    for program in programs:
        if find(program) is None:
            base.missing(program, 'not installed; see bindep.txt')


def find(program: str) -> str | None:
    """Find a program of the machine, none of an environment of Python."""
    return shutil.which(program, path=PATH)


def place(
    name: str, folder: pathlib.Path, changes: Mapping[str, str]
) -> pathlib.Path:
    """Copy a file of ``etc`` to a folder, with other addresses and paths.

    :param changes: by the text that must be in the file, what is put there
    :raises ValueError: where such a text is not in the file
    """
    text = (ETC / name).read_text()
    for before, after in changes.items():
        if before not in text:
            raise ValueError(f'{before!r} is not in etc/{name}')
        text = text.replace(before, after)
    placed = folder / pathlib.PurePath(name).name
    placed.write_text(text)
    return placed
