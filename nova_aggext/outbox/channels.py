# SPDX-License-Identifier: Apache-2.0
"""Channels, loaded from the entry points ``nova_aggext.channels`` by name.

An entry point is called with the services and gives a ``types.Channel``.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Sequence

from oslo_config import cfg
from stevedore import named

from nova_aggext import exception
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
    manager: named.NamedExtensionManager[types.Channel]
    manager = named.NamedExtensionManager(
        NAMESPACE,
        names=list(names),
        invoke_on_load=True,
        invoke_args=(services,),
        name_order=True,
        on_load_failure_callback=_fail,
        on_missing_entrypoints_callback=_miss,
    )
    return {one.name: one.obj for one in manager if one.obj is not None}


def _fail(
    _manager: object, _entry_point: object, error: BaseException
) -> None:
    raise error


def _miss(names: Iterable[str]) -> None:
    raise exception.ConfigurationError(
        reason=f'No package offers the channels {", ".join(sorted(names))}.'
    )
