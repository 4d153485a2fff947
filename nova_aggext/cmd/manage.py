# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage: tables, registered hosts, changes, outbox.

Exit status: 0 done, 1 something is wrong, 2 wrong usage.
"""

from collections.abc import Sequence

from nova_aggext.cmd import dev
from nova_aggext.cmd import shell

# Each is imported when it is called.
COMMANDS = {
    'audit': 'audit:Audit',
    'changes list': 'changes:List',
    'changes purge': 'changes:Purge',
    'db sync': 'db:Sync',
    'db version': 'db:Version',
    'host add': 'host:Add',
    'host list': 'host:List',
    'host remove': 'host:Remove',
    'outbox drop': 'outbox:Drop',
    'outbox list': 'outbox:List',
    'outbox retry': 'outbox:Retry',
}


def program() -> shell.Shell:
    """Make the program."""
    return shell.Shell(
        name='nova-aggext-manage',
        description='Manage nova-aggext.',
        lab=f'work on ./{dev.FOLDER}',
        commands={
            name: f'nova_aggext.cmd.groups.{place}'
            for name, place in COMMANDS.items()
        },
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    return program().main(arguments)
