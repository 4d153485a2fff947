# SPDX-License-Identifier: Apache-2.0
"""Names compare everywhere as they do on MariaDB."""

import itertools

import sqlalchemy as sa

from nova_aggext.db import collation
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

# The weight of every character that Nova's tables can hold.
WEIGHTS = sa.text("""\
SELECT seq, HEX(WEIGHT_STRING(
    CONVERT(CHAR(seq USING ucs2) USING utf8mb3) COLLATE utf8mb3_general_ci))
FROM seq_0_to_65535 WHERE seq NOT BETWEEN 0xD800 AND 0xDFFF""")

EQUAL = sa.text(
    'SELECT CONVERT(:one USING utf8mb3) COLLATE utf8mb3_general_ci = '
    'CONVERT(:other USING utf8mb3)'
)

NAMES = (
    '',
    ' ',
    'rack',
    'RACK',
    'räck',
    'ra\u0308ck',
    'rack ',
    'rack   ',
    ' rack',
    'ra ck',
    'rack\t',
    'rack\n',
    'rack\x00',
    'rack\xa0',
    'rack\u2003',
    'straße',
    'strase',
    'strasse',
    'ſtrase',
    'ﬁ',
    'fi',
    'ı',
    'I',
    'i',
    'İ',
    'σ',
    'ς',
    'Σ',
    'Ω',
    'Ω',
    'ά',
    'α',
    'æ',
    'ae',
    'ø',
    'o',
    'đ',
    'd',
    'ж',
    'Ж',
    'е',
    'ё',
)


class CollationTest(base.TestCase):
    """``collation.fold`` against MariaDB's own comparison."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database('mysql', synced=False))
        engine = sa.create_engine(db.url)
        self.addCleanup(engine.dispose)
        self.connection = engine.connect()
        self.addCleanup(self.connection.close)

    def test_every_character(self) -> None:
        """Two characters fold alike exactly when they weigh the same."""
        weights: dict[str, set[str]] = {}
        folded: dict[str, set[str]] = {}
        rows = self.connection.execute(WEIGHTS).all()
        self.assertEqual(0x10000 - 0x800, len(rows))
        for code, weight in rows:
            # In between, as a blank at the end is nothing.
            text = collation.fold(f'<{chr(code)}>')
            weights.setdefault(text, set()).add(weight)
            folded.setdefault(weight, set()).add(text)
        for found in (weights, folded):
            many = {key: ones for key, ones in found.items() if len(ones) > 1}
            self.assertEqual({}, many)

    def test_names(self) -> None:
        """Blanks at the end, characters that are two, and the like."""
        for one, other in itertools.combinations(NAMES, 2):
            values = {'one': one, 'other': other}
            equal = bool(self.connection.scalar(EQUAL, values))
            alike = collation.fold(one) == collation.fold(other)
            self.assertEqual(equal, alike, f'{one!r} and {other!r}')
