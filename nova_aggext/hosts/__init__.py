# SPDX-License-Identifier: Apache-2.0
"""Inventories of compute hosts, loaded by name."""

from collections.abc import Iterable

from oslo_config import cfg
from stevedore import named

from nova_aggext import exception
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database

NAMESPACE = 'nova_aggext.hosts'


def load(
    conf: cfg.ConfigOpts, database: db_database.Database
) -> ports.HostInventory:
    """Make the inventory that ``[aggext] hosts`` names.

    :raises ConfigurationError: when no package offers it
    """
    manager: named.NamedExtensionManager[ports.HostInventory]
    manager = named.NamedExtensionManager(
        NAMESPACE,
        names=[conf.aggext.hosts],
        invoke_on_load=True,
        invoke_args=(conf, database),
        on_load_failure_callback=_fail,
        on_missing_entrypoints_callback=_miss,
    )
    (made,) = (loaded.obj for loaded in manager if loaded.obj is not None)
    return made


def _fail(
    _manager: object, _entry_point: object, error: BaseException
) -> None:
    raise error


def _miss(names: Iterable[str]) -> None:
    raise exception.ConfigurationError(
        reason=f'There is no inventory {", ".join(names)!r}; see [aggext] '
        'hosts.'
    )
