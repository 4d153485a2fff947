# SPDX-License-Identifier: Apache-2.0
"""Checks before a release of this package is put to use."""

from collections.abc import Callable

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from nova_aggext import exception
from nova_aggext import hosts
from nova_aggext import policy
from nova_aggext.db import database as db_database
from nova_aggext.db import schema

SUCCESS = upgradecheck.Code.SUCCESS
Result = upgradecheck.Result


class Checks(upgradecheck.UpgradeCommands):
    """All checks of one configuration."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self.conf = conf
        self.database = db_database.Database(conf)

    def check_own_tables(self) -> Result:
        """Check that our tables are there and current."""
        return _result(lambda: schema.require_current(self.database))

    def check_nova_tables(self) -> Result:
        """Check that Nova's tables have the columns that are used."""
        return _result(lambda: schema.require_nova_columns(self.database))

    def check_inventory(self) -> Result:
        """Check that the inventory of hosts answers."""

        def work() -> None:
            inventory = hosts.load(self.conf, self.database)
            inventory.check()
            inventory.close()

        return _result(work)

    def check_policy(self) -> Result:
        """Check that the policy file can be read."""
        return _result(lambda: policy.Enforcer(self.conf).check())

    _upgrade_checks = (
        ('Tables of nova-aggext', check_own_tables),
        ("Nova's tables", check_nova_tables),
        ('Inventory of hosts', check_inventory),
        ('Policy', check_policy),
    )


def _result(check: Callable[[], None]) -> Result:
    """Run a check that raises when it finds something wrong."""
    try:
        check()
    except exception.AggextException as error:
        return Result(upgradecheck.Code.FAILURE, str(error))
    return Result(SUCCESS)
