# SPDX-License-Identifier: Apache-2.0
"""Races on MariaDB."""

from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import mariadb
from nova_aggext.tests.race import outage
from nova_aggext.tests.race import workload

IMPATIENCE = {'init_command': 'SET SESSION innodb_lock_wait_timeout = 1'}


class MariaDBRaceTest(outage.OutageTest):
    kind = 'mysql'
    impatience = IMPATIENCE

    def test_restart(self) -> None:
        """A server that is stopped and started loses nothing."""
        process = self.useFixture(mariadb.Server()).process
        db = self.useFixture(databases.Database('mysql', server=process.url))
        inventory = registered.RegisteredHosts(db.conf, db.database)
        inventory.add_host(*server.HOSTS)
        conf_file = db.conf_file
        servers = [
            self.useFixture(server.Server(conf_file=conf_file))
            for _ in range(2)
        ]
        mix = workload.Mix(servers, clients=8)
        moments: list[float] = []
        mix.run(lambda: outage.interrupt(process.stop, process.start, moments))
        self.check_outage(mix, db.database, *moments)
