# SPDX-License-Identifier: Apache-2.0
"""``upgrade``: all that a server needs."""

import argparse

from nova_aggext.cmd import process
from nova_aggext.cmd import upgrade_check
from nova_aggext.cmd.groups import base


class Check(base.Command):
    """Check all that a server needs."""

    # 1 says that there are warnings.
    failure = int(upgrade_check.Code.FAILURE)

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Print a table with the result of each check."""
        process.do_without_eventlet()
        # The table says what is wrong; what libraries log of it is noise.
        self.app.keep_quiet()
        return int(upgrade_check.Checks(*self.sources).check())
