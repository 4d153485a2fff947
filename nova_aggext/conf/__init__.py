# SPDX-License-Identifier: Apache-2.0
"""Configuration: one option group a file, read into a ConfigOpts of ours.

Nova's option and group names are kept wherever Nova has the option, so that
a nova.conf can be read as it is. The process-wide ``cfg.CONF`` is never
touched: inside nova-api it is Nova's.
"""

import os
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext.conf import opts

ENV_FILES = 'OS_NOVA_AGGEXT_CONFIG_FILES'
ENV_NOVA_DIR = 'OS_NOVA_CONFIG_DIR'
OWN_DIR = pathlib.Path('/etc/nova-aggext')


def load(
    files: Sequence[str],
    register: Callable[[cfg.ConfigOpts], None] = opts.register_opts,
) -> cfg.ConfigOpts:
    """Read configuration files, later ones winning, into new ConfigOpts.

    :param register: makes the options known that are wanted
    :raises cfg.Error: for a file that is not there, or cannot be read
    """
    conf = cfg.ConfigOpts()
    register(conf)
    try:
        conf(
            [],
            project='nova-aggext',
            default_config_files=list(files),
            default_config_dirs=[],
        )
    except (OSError, UnicodeError) as error:
        named = ', '.join(files)
        raise cfg.Error(f'Failed to read {named}: {error}') from error
    return conf


def split(files: str) -> list[str]:
    """Split a list of files as paste options and the environment hold it."""
    return [name.strip() for name in files.split(';') if name.strip()]


def find_files(environ: Mapping[str, str]) -> list[str]:
    """Find the configuration files of a process that was given none.

    Those of ``OS_NOVA_AGGEXT_CONFIG_FILES``; else nova.conf of
    ``OS_NOVA_CONFIG_DIR`` or /etc/nova, followed by the nova-aggext.conf
    beside it or in /etc/nova-aggext, as far as they exist.
    """
    if environ.get(ENV_FILES):
        return split(environ[ENV_FILES])
    nova_dir = pathlib.Path(environ.get(ENV_NOVA_DIR) or '/etc/nova')
    own = [d / 'nova-aggext.conf' for d in (nova_dir, OWN_DIR)]
    found = [nova_dir / 'nova.conf', *own[: 1 if own[0].exists() else 2]]
    return [os.fspath(path) for path in found if path.exists()]
