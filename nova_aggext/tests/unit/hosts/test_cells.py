# SPDX-License-Identifier: Apache-2.0
"""URLs of cell databases."""

from nova_aggext import exception
from nova_aggext.hosts import cells
from nova_aggext.tests import base

SOURCE = 'mysql+pymysql://nova:s3cr@t@db1:3306/nova?charset=utf8#part'


class DatabaseUrlTest(base.TestCase):
    """URLs and templates of URLs."""

    def _url(self, connection: str, source: str | None = SOURCE) -> str:
        cell = cells.Cell('uuid', 'cell1', connection)
        return cells.database_url(cell, source)

    def test_plain(self) -> None:
        self.assertEqual('mysql://u:p@h/db', self._url('mysql://u:p@h/db'))
        self.assertEqual('mysql://h/db', self._url('mysql://h/db', None))

    def test_template(self) -> None:
        self.assertEqual(
            'mysql+pymysql://nova:s3cr@t@db1:3306/cell1?charset=utf8',
            self._url(
                '{scheme}://{username}:{password}@{hostname}:{port}/cell1'
                '?{query}'
            ),
        )
        self.assertEqual('nova#part', self._url('{path}#{fragment}'))

    def test_empty_query(self) -> None:
        self.assertEqual(
            'mysql://h/cell1?',
            self._url('{scheme}://h/cell1?{query}', 'mysql://h'),
        )

    def test_many_hosts(self) -> None:
        source = 'rabbit://u1:p1@h1:1,u2:p2@h2:2,h3:3/v'
        self.assertEqual(
            'u1:p1@h1:1 u2:p2@h2:2 h1',
            self._url(
                '{username1}:{password1}@{hostname1}:{port1} '
                '{username2}:{password2}@{hostname2}:{port2} {hostname}',
                source,
            ),
        )

    def test_many_hosts_of_one_user(self) -> None:
        template = '{username2}:{password2}@{hostname2} {hostname1}'
        self.assertEqual(
            'u:p@h2 h1', self._url(template, 'rabbit://u:p@h1,h2/')
        )
        self.assertEqual(
            'h1 h2', self._url('{hostname1} {hostname2}', 'rabbit://h1,h2/')
        )

    def test_comma_in_a_password(self) -> None:
        template = '{username}:{password}@{hostname}'
        self.assertEqual(
            'u:p,w@h', self._url(template, 'mysql://u:p,w@h/nova')
        )

    def test_missing_parts_are_no_text(self) -> None:
        for template, source in (
            ('{port}', 'mysql://nova@db1/nova'),
            ('{password}', 'mysql://nova@db1/nova'),
            ('{username}', 'mysql://db1/nova'),
            ('{hostname2}', SOURCE),
            ('{scheme}', None),
            ('{port}', 'mysql://db1:port/nova'),
            ('{port}', 'mysql://nova:s3cr/et@db1/nova'),
        ):
            error = self.assertRaises(
                exception.CellMisconfigured, self._url, template, source
            )
            self.assertIn('cell1', str(error))
            self.assertNotIn('s3cr', str(error))

    def test_braces_that_are_no_template(self) -> None:
        for text in (
            'mysql://u:p{w}d@h/cell1',
            'mysql://u:p{d@h/cell1',
            'mysql://u:p}d@h/cell1',
            'mysql://u:{}@h/cell1',
            'mysql://u:{0.x}{port!z}@h/cell1',
            'mysql://u:{scheme.x}{{@h/cell1',
        ):
            for source in (SOURCE, None, 'mysql://h:port/nova'):
                self.assertEqual(text, self._url(text, source))

    def test_braces_beside_a_template(self) -> None:
        for text in ('{scheme}://u:p{w}d@h', '{scheme}://u:p{{w}}d@h'):
            self.assertEqual('mysql://u:p{w}d@h', self._url(text, 'mysql://x'))

    def test_cell0(self) -> None:
        self.assertTrue(cells.Cell(cells.CELL0, 'any', 'url').is_cell0)
        self.assertFalse(cells.Cell('uuid', 'cell0', 'url').is_cell0)
