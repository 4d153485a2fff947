# SPDX-License-Identifier: Apache-2.0
"""The inventory 'registered': hosts in a table of ours, for a lab."""

from collections.abc import Collection

import sqlalchemy as sa
from oslo_config import cfg

from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.db import collation
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.db import models
from nova_aggext.db import queries

# How ``[aggext] hosts`` names it.
NAME = 'registered'

HOSTS = models.hosts


class RegisteredHosts:
    """Compute hosts as ``nova-aggext-manage host`` registered them."""

    def __init__(
        self, conf: cfg.ConfigOpts, database: db_database.Database
    ) -> None:
        self._database = database

    def get_host(self, name: str) -> inventory.Host:
        """Find a registered host."""
        found = self._instances([name])
        if name not in found:
            raise exception.ComputeHostNotFound(host=name)
        return inventory.Host(name=name, instances=found[name])

    def get_hosts(self, names: Collection[str]) -> dict[str, inventory.Host]:
        """Find registered hosts."""
        asked = frozenset(names)
        return {
            name: inventory.Host(name=name, instances=count)
            for batch in inventory.batches(asked)
            for name, count in self._instances(batch).items()
            # The database may have found it in another case.
            if name in asked
        }

    def list_hosts(self) -> inventory.Listing:
        """Give all registered hosts."""
        return inventory.Listing(frozenset(self.registrations()))

    def count_instances(self, hosts: Collection[str]) -> dict[str, int]:
        """Give the numbers registered; none for hosts that are not."""
        return dict.fromkeys(hosts, 0) | self._instances(hosts)

    def check(self) -> None:
        """Read the table.

        :raises ConfigurationError: when it was never made
        """
        schema.require_current(self._database)
        self.registrations()

    def close(self) -> None:
        """Do nothing: the database is the application's."""

    def registrations(self) -> dict[str, int]:
        """Give all hosts by name, with their numbers of instances."""
        statement = sa.select(HOSTS.c.name, HOSTS.c.instances)
        return self._database.ask(
            lambda session: _pairs(session, statement.order_by(HOSTS.c.name))
        )

    def add_host(self, *names: str, instances: int = 0) -> None:
        """Register hosts, or change the number of their instances.

        :raises HostInUse: beside a host whose name differs only in case;
            none is registered then
        """

        def work(session: sa.Connection) -> None:
            for name in names:
                _put(session, name, instances)

        self._database.write(work)

    def remove_host(self, *names: str) -> None:
        """Forget hosts; aggregates keep them until they are taken out.

        :raises ComputeHostNotFound: when one is not registered; all are kept
        """

        def work(session: sa.Connection) -> None:
            present = _pairs(session, _select(names))
            for name in names:
                if name not in present:
                    raise exception.ComputeHostNotFound(host=name)
            session.execute(sa.delete(HOSTS).where(HOSTS.c.name.in_(names)))

        self._database.write(work)

    def _instances(self, hosts: Collection[str]) -> dict[str, int]:
        return self._database.ask(
            lambda session: _pairs(session, _select(hosts))
        )


def _select(hosts: Collection[str]) -> sa.Select[tuple[str, int]]:
    return sa.select(HOSTS.c.name, HOSTS.c.instances).where(
        HOSTS.c.name.in_(list(hosts))
    )


def _pairs(
    session: sa.Connection, statement: sa.Select[tuple[str, int]]
) -> dict[str, int]:
    return {row.name: row.instances for row in session.execute(statement)}


def _put(session: sa.Connection, name: str, instances: int) -> None:
    everyone = sa.select(HOSTS.c.name, HOSTS.c.instances)
    for present in _pairs(session, everyone):
        if present == name:
            session.execute(
                sa.update(HOSTS)
                .where(HOSTS.c.name == name)
                .values(instances=instances)
            )
            return
        if collation.fold(present) == collation.fold(name):
            raise exception.HostInUse(host=name, present=present)
    values = {
        'name': name,
        'instances': instances,
        'created_at': queries.now(),
    }
    session.execute(sa.insert(HOSTS).values(values))
