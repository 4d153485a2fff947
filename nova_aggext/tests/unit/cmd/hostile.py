# SPDX-License-Identifier: Apache-2.0
"""Arguments that no command should take, and what is to come of them."""

from collections.abc import Sequence

from nova_aggext.tests import base
from nova_aggext.tests.unit.cmd import commands

# One character too long, of another plane, no text, not printable, and what a
# shell, a terminal or a database may take for something else.
NAMES = (
    'h' * 256,
    'h' * 300,
    'h' * 100_000,
    '\N{GRINNING FACE}',
    '\udcff',
    'h\0',
    'h\n',
    'h\x1b[2J',
    '',
)
# What is no host for the API.
HOSTS = (*NAMES, ' ', 'a b', "h'; DROP TABLE x --", 'h/../h', 'hôte', '%s{0}')
# No number, or none that a column holds.
NUMBERS = (
    '-1',
    '-5',
    '2147483648',
    '9999999999',
    '9223372036854775808',
    '9' * 5000,
    '1e3',
    '1.0',
    '0x10',
    '1_000',
    '\N{ARABIC-INDIC DIGIT ONE}',
    'nan',
    'x',
    '',
    ' 1 ',
    '\udcff',
)
BIG_NUMBERS = tuple(
    one for one in NUMBERS if one not in ('2147483648', '9999999999')
)
TIMES = (
    'yesterday',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59.999999-14:00',
    '0000-01-01',
    '10000-01-01',
    '2026-02-30',
    '2026-01-01T25:00',
    '2026-01-01T00:00:00+99:99',
    '',
    '\udcff',
    '9' * 5000,
)
# Times at the edge of what there is; they are right.
EDGES = (
    '0001-01-01',
    '0001-01-01T00:00:00-14:00',
    '9999-12-31T23:59:59.999999',
    '9999-12-31T23:59:59.999999+14:00',
    '1970-01-01T00:00:00Z',
)

Lines = list[tuple[str, ...]]

MANAGE: Lines = [
    (),
    ('',),
    ('nonsense',),
    ('\udcff',),
    ('--nonsense',),
    ('db',),
    ('db', 'nonsense'),
    ('host', 'list', 'more'),
    ('host', 'list', '--nonsense'),
    ('host', 'list', '--format', 'xml'),
    ('host', 'list', '--max-width', 'x'),
    ('host', 'list', '--column', 'nonsense'),
    ('host', 'list', '--column', '\udcff'),
    ('host', 'list', '--sort-column', 'nonsense'),
    ('audit', '--repair', '--yes', '--column', 'nonsense'),
    ('host', 'add'),
    ('host', 'remove'),
    ('outbox', 'retry'),
    ('outbox', 'drop'),
    ('outbox', 'drop', '0'),
    ('changes', 'list', '--limit', '0'),
    ('changes', 'list', '--aggregate', '0'),
    ('outbox', 'list', '--limit', '0'),
    ('audit', '--yes'),
    ('audit', 'nonsense'),
    ('--log-file', '/nowhere/at/all', 'host', 'list'),
    *[('host', 'add', name) for name in HOSTS],
    *[('host', 'add', 'h', '--instances', one) for one in NUMBERS],
    *[('host', 'remove', name) for name in NAMES[:3] + NAMES[4:]],
    *[('changes', 'list', '--host', name) for name in NAMES[:3] + NAMES[4:]],
    *[('changes', 'list', '--aggregate', one) for one in NUMBERS],
    *[('changes', 'list', '--limit', one) for one in BIG_NUMBERS],
    *[('changes', 'list', '--since', one) for one in TIMES],
    *[('changes', 'list', '--until', one) for one in TIMES],
    *[('outbox', 'list', '--limit', one) for one in NUMBERS],
    *[('outbox', 'retry', one) for one in BIG_NUMBERS],
    *[('outbox', 'drop', one) for one in BIG_NUMBERS],
]
STATUS: Lines = [
    (),
    ('',),
    ('nonsense',),
    ('\udcff',),
    ('--nonsense',),
    ('upgrade',),
    ('upgrade', 'check', 'more'),
    ('upgrade', 'check', '--format', 'json'),
    ('paste',),
    ('paste', 'nonsense'),
    ('paste', 'check', 'one', 'more'),
    ('paste', 'check', '--format', 'xml'),
    ('paste', 'check', '--column', 'nonsense'),
    ('paste', 'check', '--sort-column', '\udcff'),
    ('--log-file', '/nowhere/at/all', 'paste', 'check'),
]
# Files that are none.
PASTE_FILES = ('', '/', '/nowhere', 'h' * 300, '\udcff', '\n')
# Right as usage, and still nothing that can be done.
IN_VAIN: Lines = [
    ('host', 'remove', 'h'),
    ('host', 'remove', '\N{GRINNING FACE}'),
    ('outbox', 'drop', '9223372036854775807'),
    ('outbox', 'retry', '9223372036854775807', '1'),
]
# What finds nothing, and is right all the same.
EMPTY: Lines = [
    ('changes', 'list', '--host', '\N{GRINNING FACE}'),
    ('changes', 'list', '--host', "h'; DROP TABLE x --"),
    ('changes', 'list', '--aggregate', '2147483647'),
    ('changes', 'list', '--limit', '9223372036854775807'),
    ('outbox', 'list', '--limit', '2147483647'),
    *[('changes', 'list', '--since', one, '--until', one) for one in EDGES],
]


class Endings(base.TestCase):
    """How commands end that were called in vain."""

    def assert_usage(
        self, main: commands.Main, arguments: Sequence[str]
    ) -> None:
        """Check that it was told how it is used."""
        ended = self._ended(main, arguments, 2)
        last = ended.err.splitlines()[-1]
        self.assertIn('error: ', last)

    def assert_refused(
        self, main: commands.Main, arguments: Sequence[str]
    ) -> None:
        """Check that it was told in plain lines what is wrong."""
        ended = self._ended(main, arguments, 1)
        for line in ended.err.splitlines():
            self.assertTrue(line.startswith('nova-aggext-'), line)
            self.assertNotIn('--debug', line)

    def _ended(
        self, main: commands.Main, arguments: Sequence[str], status: int
    ) -> commands.Ended:
        ended = commands.run(main, *arguments)
        self.assertEqual(status, ended.status, f'{arguments} {ended}')
        self.assertEqual('', ended.out, f'{arguments}')
        self.assertNotEqual('', ended.err, f'{arguments}')
        self.assertNotIn('Traceback', ended.err, f'{arguments}')
        self.assertNotIn('_number', ended.err)
        self.assertNotIn('moment', ended.err)
        return ended
