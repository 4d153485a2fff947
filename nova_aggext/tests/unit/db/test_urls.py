# SPDX-License-Identifier: Apache-2.0
"""URLs of databases."""

from nova_aggext.db import urls
from nova_aggext.tests import base


class UrlsTest(base.TestCase):
    """What is read from a URL, and put into it."""

    def test_dialects(self) -> None:
        for text, expected in (
            ('mysql+pymysql://h/db', 'mysql'),
            ('mariadb+pymysql://h/db', 'mysql'),
            ('postgresql://h/db', 'postgresql'),
            ('sqlite://', 'sqlite'),
        ):
            url = urls.parse(text)
            self.assertEqual(expected, urls.dialect_of(url), text)
            self.assertEqual(expected, url.get_dialect().name, text)

    def test_password_and_parameters_are_kept(self) -> None:
        url = urls.parse('mariadb+pymysql://u:p%40%7B@h/db?a=1', 'b=2')
        self.assertEqual(
            ('p@{', {'a': '1', 'b': '2'}), (url.password, url.query)
        )

    def test_limits(self) -> None:
        for text, expected in (
            (
                'mysql+pymysql://h/db',
                {
                    'connect_timeout': '5',
                    'read_timeout': '30',
                    'write_timeout': '30',
                },
            ),
            (
                'postgresql+psycopg2://h/db',
                {'connect_timeout': '5', 'tcp_user_timeout': '30000'},
            ),
            ('sqlite:///x', {}),
            ('mysql+unknown://h/db', {}),
        ):
            url = urls.limited(urls.parse(text), 5, 30)
            self.assertEqual(expected, dict(url.query), text)

    def test_limits_of_the_operator_stay(self) -> None:
        text = 'mysql+pymysql://h/db?read_timeout=7&connect_timeout=8'
        url = urls.limited(urls.parse(text), 5, 30)
        self.assertEqual('7', url.query['read_timeout'])
        self.assertEqual('8', url.query['connect_timeout'])

    def test_changes_of_tables_take_their_time(self) -> None:
        for text in ('mysql+pymysql://h/db', 'postgresql+psycopg2://h/db'):
            url = urls.limited(urls.parse(text), 5, None)
            self.assertEqual({'connect_timeout': '5'}, dict(url.query))

    def test_charset(self) -> None:
        for text, charset in (
            ('mysql+pymysql://h/db', None),
            ('mysql+pymysql://h/db?charset=utf8', 'utf8'),
            ('mysql+mysqldb://h/db?charset=utf8mb4', 'utf8'),
            ('mysql+pymysql://h/db?charset=latin1', 'latin1'),
            ('postgresql+psycopg2://h/db', None),
            ('sqlite:///x', None),
        ):
            url = urls.as_nova(urls.parse(text))
            self.assertEqual(charset, url.query.get('charset'), text)

    def test_who_else_limits(self) -> None:
        for text, expected in (
            ('postgresql+psycopg2://h/db?tcp_user_timeout=1500', 1.5),
            ('postgresql+psycopg2://h/db?tcp_user_timeout=0', None),
            ('postgresql+psycopg2://h/db', None),
            ('mysql+pymysql://h/db?read_timeout=1', None),
        ):
            found = urls.read_timeout(urls.parse(text))
            self.assertEqual(expected, found, text)

    def test_places(self) -> None:
        for text, expected in (
            ('mysql+pymysql://u:p@h/db', 'h:3306'),
            ('mariadb+pymysql://u:p@h:7/db', 'h:7'),
            ('postgresql+psycopg2://u:p@h/db', 'h:5432'),
            ('postgresql+psycopg2:///db?host=a&host=b', 'a,b:5432'),
            ('mysql+pymysql:///db?unix_socket=/run/s', '/run/s:3306'),
            ('mysql+pymysql:///db', 'localhost:3306'),
            ('sqlite:////tmp/x', '/tmp/x'),
            ('sqlite://', 'memory'),
        ):
            self.assertEqual(expected, urls.place(urls.parse(text)), text)
