# SPDX-License-Identifier: Apache-2.0
"""What a process of our own needs before anything else; never in nova-api."""

import importlib
import importlib.util
import os
import pathlib
import sys
import warnings
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType

from oslo_log import log

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext import tracing

# Libraries that tell of every step at INFO.
QUIET = ('alembic=WARN', 'stevedore=WARN')

NOTHING: Mapping[str, object] = MappingProxyType({})

EVENTLET = 'eventlet'
# What oslo.service needs to use threads instead; it can since 4.2.
_THREADS = ('cotyledon', 'futurist')


def prepare(
    files: Sequence[str],
    dirs: Sequence[str] = (),
    *,
    chosen: Mapping[str, object] = NOTHING,
) -> None:
    """Prepare for what libraries of OpenStack import, and log.

    The log is as the options of oslo.log in this configuration say.

    :param chosen: options that win over those of the configuration
    :raises ConfigurationError: when it cannot be written
    """
    do_without_eventlet()
    log.set_defaults(
        default_log_levels=[*log.get_default_log_levels(), *QUIET]
    )
    conf = aggext_conf.load(files, dirs, register=log.register_options)
    for name, value in chosen.items():
        conf.set_override(name, value)
    try:
        log.setup(conf, 'nova-aggext')
    except (OSError, log.LogConfigError) as error:
        raise exception.ConfigurationError(
            reason=f'Cannot log as [DEFAULT] log_file, log_dir and '
            f'log_config_append say: {error}'
        ) from error
    _trace(files, dirs)


def _trace(files: Sequence[str], dirs: Sequence[str]) -> None:
    """Let this process send traces, where that is wanted.

    :raises ExtraMissing: without the library for it
    """
    if aggext_conf.load(files, dirs).profiler.enabled:
        conf = aggext_conf.load(files, dirs, register=tracing.options())
        tracing.begin(conf, pathlib.Path(sys.argv[0]).name)


def do_without_eventlet() -> None:
    """Have oslo.service use threads, as everything here does.

    Otherwise it imports Eventlet, which nobody uses here, and which takes 3
    to 11 MiB.
    """
    if EVENTLET in sys.modules:
        return
    # Where Eventlet must be imported, it need not make its own resolver.
    os.environ.setdefault('EVENTLET_NO_GREENDNS', 'yes')
    warnings.filterwarnings('ignore', message='\\s*Eventlet is deprecated')
    if not all(importlib.util.find_spec(name) for name in _THREADS):
        return
    # So an import fails, as if it were not installed.
    sys.modules[EVENTLET] = None  # type: ignore[assignment]
    try:
        backend = importlib.import_module('oslo_service.backend')
        backend.init_backend(backend.BackendType.THREADING)
    except (ImportError, ValueError):
        # An older one, or one that lacks something else.
        del sys.modules[EVENTLET]
