# SPDX-License-Identifier: Apache-2.0
"""Inventories of compute hosts, loaded by name."""

from oslo_config import cfg

from nova_aggext import plugins
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database

NAMESPACE = 'nova_aggext.hosts'


def load(
    conf: cfg.ConfigOpts, database: db_database.Database
) -> ports.HostInventory:
    """Make the inventory that ``[aggext] hosts`` names.

    :raises ConfigurationError: when no package offers it
    """
    name: str = conf.aggext.hosts
    option = '[aggext] hosts'
    made = plugins.load(NAMESPACE, [name], conf, database, option=option)
    inventory: ports.HostInventory = made[name]
    return inventory
