# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status: is everything in place?

Exit status of ``upgrade check``: 0 all is right, 1 there is a warning, 2 a
check failed; of ``paste check``: 0 all is right, 1 something is wrong. Wrong
usage of either: 2.
"""

from collections.abc import Sequence

from nova_aggext.cmd import shell

# Each is imported when it is called.
COMMANDS = {
    'paste check': 'paste:Check',
    'upgrade check': 'upgrade:Check',
}


def program() -> shell.Shell:
    """Make the program."""
    return shell.Shell(
        name='nova-aggext-status',
        description='Check an installation.',
        lab='check the lab of --dev',
        commands={
            name: f'nova_aggext.cmd.groups.{place}'
            for name, place in COMMANDS.items()
        },
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check."""
    return program().main(arguments)
