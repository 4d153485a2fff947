# SPDX-License-Identifier: Apache-2.0
"""Channels, loaded from the entry points ``nova_aggext.channels`` by name.

An entry point is called with the services and gives a ``types.Channel``.
"""

import dataclasses
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext import plugins
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.outbox import types

NAMESPACE = 'nova_aggext.channels'


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What a channel may use."""

    conf: cfg.ConfigOpts
    database: db_database.Database
    hosts: ports.HostInventory


def load(services: Services, names: Sequence[str]) -> dict[str, types.Channel]:
    """Make channels, in the order of their names given.

    :raises ConfigurationError: when no package offers one
    """
    return plugins.load(NAMESPACE, names, services)
