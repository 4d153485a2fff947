# SPDX-License-Identifier: Apache-2.0
"""``paste``: where the filter is loaded."""

import argparse
import pathlib

from nova_aggext import deploy
from nova_aggext.cmd import console
from nova_aggext.cmd import paste_check
from nova_aggext.cmd.groups import base


class Check(base.Lister):
    """Look into a paste file of a Nova for the filter."""

    columns = ('pipeline', 'filter')

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take another file than that of the configuration."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'file',
            nargs='?',
            type=pathlib.Path,
            metavar='FILE',
            help='instead of the one that [wsgi] api_paste_config names',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> base.Listed:
        """Look at every pipeline that counts."""
        path = parsed_args.file or deploy.find_paste_file(self.conf)
        found = paste_check.check(path, self.conf.api.auth_strategy)
        if not found:
            console.say(
                self.app.NAME, f'{path} has no pipeline of the compute API'
            )
        if not paste_check.is_right(found):
            self.status = console.WRONG
        return self.columns, [(one.pipeline, one.state) for one in found]
