# SPDX-License-Identifier: Apache-2.0
"""Inventories of compute hosts, loaded by name."""

from oslo_config import cfg
from stevedore import driver
from stevedore import exception as stevedore_exc

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
    name = conf.aggext.hosts
    try:
        manager: driver.DriverManager[ports.HostInventory]
        manager = driver.DriverManager(
            NAMESPACE,
            name,
            invoke_on_load=True,
            invoke_args=(conf, database),
            warn_on_missing_entrypoint=False,
        )
    except stevedore_exc.NoMatches as error:
        raise exception.ConfigurationError(
            reason=f'There is no inventory {name!r}; see [aggext] hosts.'
        ) from error
    (made,) = (loaded.obj for loaded in manager if loaded.obj is not None)
    return made
