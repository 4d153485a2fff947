# SPDX-License-Identifier: Apache-2.0
"""Configuration: one option group a file, read into a ConfigOpts of ours.

Nova's option and group names are kept wherever Nova has the option, so that
a nova.conf can be read as it is. The process-wide ``cfg.CONF`` is never
touched: inside nova-api it is Nova's.
"""

import hashlib
import os
import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from oslo_config import cfg

from nova_aggext.conf import opts

ENV_FILES = 'OS_NOVA_AGGEXT_CONFIG_FILES'
ENV_DIRS = 'OS_NOVA_AGGEXT_CONFIG_DIRS'
ENV_NOVA_FILES = 'OS_NOVA_CONFIG_FILES'
ENV_NOVA_DIR = 'OS_NOVA_CONFIG_DIR'
OWN_DIR = pathlib.Path('/etc/nova-aggext')

# What Nova's API calls itself where it reads its configuration. Directories
# of options and files of policies are found by these names.
PROJECT = 'nova'
PROGRAM = 'nova-api-os-compute'


# Each file that was read, in their order, and a digest of what it holds.
Identity: TypeAlias = tuple[tuple[str, bytes], ...]


class Sources(NamedTuple):
    """Where configuration is read from; what is read later wins.

    :ivar files: files, which are read first
    :ivar dirs: directories in the place of those that oslo.config finds by
        itself; their files ``*.conf`` are read in the order of their names
    """

    files: Sequence[str]
    dirs: Sequence[str] = ()


def load(
    files: Sequence[str],
    dirs: Sequence[str] = (),
    register: Callable[[cfg.ConfigOpts], None] = opts.register_opts,
) -> cfg.ConfigOpts:
    """Read configuration into new ConfigOpts, as Nova's API reads its own.

    :param files: see ``Sources``
    :param dirs: see ``Sources``
    :param register: makes the options known that are wanted
    :raises cfg.Error: for a file or directory that is not there, or cannot
        be read
    """
    conf = cfg.ConfigOpts()
    register(conf)
    try:
        conf(
            [f'--config-dir={name}' for name in dirs],
            project=PROJECT,
            prog=PROGRAM,
            default_config_files=list(files),
        )
    except (OSError, UnicodeError) as error:
        named = ', '.join((*files, *(dirs or conf.default_config_dirs)))
        raise cfg.Error(f'Failed to read {named}: {error}') from error
    return conf


def sources(conf: cfg.ConfigOpts) -> Sources:
    """Give what a configuration was read from, to be read again."""
    return Sources(conf.default_config_files, conf.config_dirs)


def places(conf: cfg.ConfigOpts) -> list[str]:
    """Give every file and directory that was read, in their order."""
    dirs = conf.config_dirs or conf.default_config_dirs
    return [*conf.default_config_files, *dirs]


def files(conf: cfg.ConfigOpts) -> Iterator[pathlib.Path]:
    """Give every file that was read, in their order."""
    for place in map(pathlib.Path, places(conf)):
        if place.is_dir():
            yield from sorted(place.glob('*.conf'))
        else:
            yield place


def identity(conf: cfg.ConfigOpts) -> Identity:
    """Give what two configurations have in common if they are the same.

    :raises OSError: when a file cannot be read any more
    """
    return tuple(
        (os.path.abspath(path), hashlib.sha256(path.read_bytes()).digest())
        for path in files(conf)
    )


def split(names: str) -> list[str]:
    """Split a list of files as paste options and the environment hold it."""
    return [name.strip() for name in names.split(';') if name.strip()]


def find(
    environ: Mapping[str, str],
    files: Sequence[str] = (),
    dirs: Sequence[str] = (),
) -> Sources:
    """Give the sources that were named, and find those that were not.

    The files are those of ``OS_NOVA_AGGEXT_CONFIG_FILES``; else Nova's,
    followed by the nova-aggext.conf beside them or in /etc/nova-aggext.
    """
    named = split(environ.get(ENV_FILES) or '')
    return Sources(
        files or named or _find_files(environ),
        dirs or split(environ.get(ENV_DIRS) or ''),
    )


def find_of_paste(
    environ: Mapping[str, str], options: Mapping[str, str]
) -> Sources:
    """Give the sources that options of a paste file name, or find them."""
    return find(
        environ,
        split(options.get('config_file') or ''),
        split(options.get('config_dir') or ''),
    )


def _find_files(environ: Mapping[str, str]) -> list[str]:
    """Find the files of Nova, followed by ours.

    Those that Nova is told by name must be there for Nova as well.
    """
    folder = pathlib.Path(environ.get(ENV_NOVA_DIR) or '/etc/nova')
    told = [folder / name for name in split(environ.get(ENV_NOVA_FILES) or '')]
    own = [place / 'nova-aggext.conf' for place in (folder, OWN_DIR)]
    nova = told or _existing([folder / 'nova.conf'])
    return [os.fspath(path) for path in (*nova, *_existing(own)[:1])]


def _existing(paths: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    return [path for path in paths if path.exists()]
