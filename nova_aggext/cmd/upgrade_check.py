# SPDX-License-Identifier: Apache-2.0
"""Checks before a release of this package, or a configuration, is used.

What a server would make at its start is made, and what it would call later
is called.
"""

import re
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck
from oslo_utils import strutils

from nova_aggext import authtoken
from nova_aggext import conf as aggext_conf
from nova_aggext import delivery
from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext import hosts
from nova_aggext import policy
from nova_aggext.cmd import config_check
from nova_aggext.cmd import paste_check
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.metrics import meters
from nova_aggext.outbox import types

# Seconds for one check; what says nothing by then is as good as away.
PATIENCE = 30.0

Code = upgradecheck.Code
Result = upgradecheck.Result

_CREDENTIALS = re.compile(r'//[^/@\s]*@')


class Checks(upgradecheck.UpgradeCommands):
    """All checks of a configuration."""

    def __init__(
        self,
        files: Sequence[str],
        dirs: Sequence[str] = (),
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Take what is checked.

        :param files: see ``conf.Sources``
        :param dirs: see ``conf.Sources``
        :param patience: seconds that one check may take
        """
        super().__init__()
        self._sources = aggext_conf.Sources(files, dirs)
        self._patience = patience
        self._usable = False

    def check_options(self) -> Result:
        """Check that the value of every option can be read."""

        def work() -> None:
            _refuse(config_check.unreadable(*self._sources))

        return self.result(work)

    def check_names(self) -> Result:
        """Warn of options in our groups that are none."""

        def work() -> None:
            _refuse(config_check.unknown(*self._sources))

        found = self.result(work)
        return Result(min(found.code, Code.WARNING), found.details)

    def check_own_tables(self) -> Result:
        """Check that our tables are there and current."""
        found = self.result(
            lambda: schema.require_current(self._database(self._conf()))
        )
        self._usable = found.code is Code.SUCCESS
        return found

    def check_nova_tables(self) -> Result:
        """Check that Nova's tables have the columns that are used."""
        return self.result(
            lambda: schema.require_nova_columns(self._database(self._conf()))
        )

    def check_inventory(self) -> Result:
        """Check that the inventory of hosts answers."""

        def work() -> None:
            conf = self._conf()
            inventory = hosts.load(conf, self._database(conf))
            inventory.check()
            inventory.close()

        return self.result(work)

    def check_policy(self) -> Result:
        """Check that the policy file can be read."""
        return self.result(lambda: policy.Enforcer(self._conf()).check())

    def check_identity(self) -> Result:
        """Check that Keystone lets in who validates tokens."""

        def work() -> None:
            conf = self._conf()
            if self._asks_keystone(conf):
                authtoken.check(conf)

        return self.result(work)

    def check_channels(self) -> Result:
        """Check that who is told of changes can be reached."""

        def work() -> None:
            conf = self._conf()
            database = self._database(conf)
            inventory = hosts.load(conf, database)
            made = delivery.Delivery(
                conf, database, inventory, meters.Meters()
            )
            _refuse(list(_unreachable(made)))
            made.close()

        return self.result(work)

    def check_pipelines(self) -> Result:
        """Check that PasteDeploy makes what it would make for a server."""
        if not self._usable:
            return Result(Code.FAILURE, 'Not tried without our tables.')
        return self.result(self._load_pipelines)

    _upgrade_checks = (
        ('Values of options', check_options),
        ('Names of options', check_names),
        ('Tables of nova-aggext', check_own_tables),
        ("Nova's tables", check_nova_tables),
        ('Inventory of hosts', check_inventory),
        ('Policy', check_policy),
        ('Keystone', check_identity),
        ('Who is told of changes', check_channels),
        ('Pipelines', check_pipelines),
    )

    def _asks_keystone(self, conf: cfg.ConfigOpts) -> bool:
        strategy: str = conf.api.auth_strategy
        path = deploy.find_paste_file(conf)
        if not paste_check.check(path, strategy):
            # The standalone server's; its pipelines are named by strategies.
            return strategy == 'keystone'
        return paste_check.asks_keystone(path, strategy)

    def _load_pipelines(self) -> None:
        conf = self._conf()
        path = deploy.find_paste_file(conf)
        strategy = conf.api.auth_strategy
        found = paste_check.check(path, strategy)
        if not found:
            deploy.load(*self._sources)
            return
        _refuse(
            [
                f'{path}: {one.pipeline}: {one.state}.'
                for one in found
                if one.state != paste_check.LOADED
            ]
        )
        for name, options in paste_check.filters(path, strategy).items():
            files, dirs = self._sources
            deploy.load_filter(
                path,
                name,
                () if 'config_file' in options else files,
                () if 'config_dir' in options else dirs,
            )

    def _conf(self) -> cfg.ConfigOpts:
        """Read the configuration; a database that is away is not waited for.

        :raises cfg.Error: for a file that cannot be read
        """
        conf = aggext_conf.load(*self._sources)
        conf.set_override('max_retries', 0, 'api_database')
        return conf

    def _database(self, conf: cfg.ConfigOpts) -> db_database.Database:
        return db_database.Database(conf)

    def result(self, work: Callable[[], None]) -> Result:
        """Run what raises when it finds something wrong, but not for ever."""
        ended: list[str | None] = []

        def run() -> None:
            try:
                work()
            except Exception as error:
                ended.append(_said(error))
            else:
                ended.append(None)

        # One that hangs must not keep the command from its end.
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self._patience)
        if not ended:
            return Result(
                Code.FAILURE, f'No answer within {self._patience:g} s.'
            )
        (why,) = ended
        return Result(Code.SUCCESS if why is None else Code.FAILURE, why)


def _unreachable(made: delivery.Delivery) -> Iterator[str]:
    """Give what is said of each who cannot be told."""
    for one in made.channels.values():
        if isinstance(one, types.Probing):
            try:
                one.probe()
            except exception.ServiceUnavailable as error:
                yield str(error)


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise exception.ConfigurationError(reason=' '.join(wrong))


def _said(error: Exception) -> str:
    """Say what an error says, without passwords."""
    text = _CREDENTIALS.sub('//***@', strutils.mask_password(str(error)))
    if isinstance(error, exception.AggextException | cfg.Error):
        return text
    return f'{type(error).__name__}: {text}'
