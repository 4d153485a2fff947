# SPDX-License-Identifier: Apache-2.0
"""Filters, limits, orders and markers as they are written."""

import datetime
from typing import Any

import hypothesis
from hypothesis import strategies as st

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import filters
from nova_aggext.api.host_aggregate import paging
from nova_aggext.api.host_aggregate import queries
from nova_aggext.db import search
from nova_aggext.tests import base

Operator = search.Operator
Field = search.Field


def one(name: str, text: str) -> search.Filter:
    """Read a filter that there is."""
    read = filters.of_aggregates(name)
    assert read is not None
    return read(text)


class FiltersTest(base.TestCase):
    """Filters of aggregates."""

    def test_values(self) -> None:
        for text, operator, values in (
            ('gpu', Operator.EQ, ('gpu',)),
            ('', Operator.EQ, ('',)),
            ('"gpu"', Operator.EQ, ('gpu',)),
            ('"in:a,b"', Operator.EQ, ('in:a,b',)),
            ('foo:bar', Operator.EQ, ('foo:bar',)),
            ('eq:bar', Operator.EQ, ('eq:bar',)),
            ('IN:a', Operator.EQ, ('IN:a',)),
            ('a,b', Operator.EQ, ('a,b',)),
            ('a"b', Operator.EQ, ('a"b',)),
            ('null', Operator.EQ, ('null',)),
            ('neq:a,b', Operator.NEQ, ('a,b',)),
            ('in:a', Operator.IN, ('a',)),
            ('in:a,b', Operator.IN, ('a', 'b')),
            ('in:', Operator.IN, ('',)),
            ('in:a,', Operator.IN, ('a', '')),
            ('in:"a,b",c', Operator.IN, ('a,b', 'c')),
            (r'nin:"a\"b","c\\"', Operator.NOT_IN, ('a"b', 'c\\')),
            ('gt:in:x', Operator.GT, ('in:x',)),
            ('gte:a', Operator.GTE, ('a',)),
            ('lt:"a"', Operator.LT, ('a',)),
            ('lte:a', Operator.LTE, ('a',)),
            ('glob:rack-*', Operator.GLOB, ('rack-*',)),
            ('glob:"a,?"', Operator.GLOB, ('a,?',)),
        ):
            self.assertEqual(
                search.Filter(Field.NAME, operator, values), one('name', text)
            )

    def test_null(self) -> None:
        for name in ('availability_zone', 'host', 'owner'):
            for text, values in (
                ('null', (None,)),
                ('neq:null', (None,)),
                ('in:a,null', ('a', None)),
                ('nin:null,"null"', (None, 'null')),
                ('"null"', ('null',)),
                ('NULL', ('NULL',)),
            ):
                self.assertEqual(values, one(name, text).values)
            for operator in ('gt', 'gte', 'lt', 'lte', 'glob'):
                self.assertRaises(
                    queries.Invalid, one, name, f'{operator}:null'
                )

    def test_numbers(self) -> None:
        for text, number in (
            ('7', 7),
            ('"7"', 7),
            ('007', 7),
            ('0', 0),
            ('-3', -1),
            (f'{0:050}7', 7),
            ('9' * 5000, 2**31),
            (str(2**31 + 1), 2**31),
        ):
            self.assertEqual((number,), one('id', text).values, text[:20])
        self.assertEqual((1, 2), one('id', 'in:1,2').values)
        for text in ('', 'x', '1.0', '+1', ' 1', '\u0663', 'null', 'in:1,'):
            self.assertRaises(queries.Invalid, one, 'id', text)
        self.assertRaises(queries.Invalid, one, 'id', 'glob:1*')

    def test_flags(self) -> None:
        for text, operator, flags in (
            ('true', Operator.EQ, (True,)),
            ('"false"', Operator.EQ, (False,)),
            ('neq:true', Operator.NEQ, (True,)),
            ('in:true,false', Operator.IN, (True, False)),
            ('nin:false', Operator.NOT_IN, (False,)),
        ):
            self.assertEqual(
                search.Filter(Field.PROTECTED, operator, flags),
                one('protected', text),
            )
        for text in (
            *('', 'null', 'True', '1', 'in:', 'in:true,', 'neq:null'),
            *('gt:true', 'lte:false', 'glob:t*', 'glob:true'),
        ):
            self.assertRaises(queries.Invalid, one, 'protected', text)

    def test_metadata(self) -> None:
        for name, key in (('metadata.ssd', 'ssd'), ('metadata.a.b', 'a.b')):
            self.assertEqual(
                search.Filter(Field.METADATA, Operator.EQ, ('x',), key),
                one(name, 'x'),
            )

    def test_what_is_no_filter(self) -> None:
        for name in ('metadata', 'description', 'ID', ''):
            self.assertIsNone(filters.of_aggregates(name))

    def test_quotes(self) -> None:
        for text in (
            '"',
            '"a',
            '"a"b',
            'in:"a',
            'in:"a"b,c',
            'in:a,"b',
            'in:a"',
        ):
            if text == 'in:a"':
                # Quotes within a value are its own.
                self.assertEqual(('a"',), one('name', text).values)
                continue
            self.assertRaises(queries.Invalid, one, 'name', text)

    def test_too_many_values(self) -> None:
        one('name', 'in:' + ',' * 999)
        self.assertRaises(queries.Invalid, one, 'name', 'in:' + ',' * 1000)


class QueriesTest(base.TestCase):
    """What a query string as a whole may be."""

    def test_everything_that_is_wrong_is_told(self) -> None:
        given = {
            'limit': ['0'],
            'name': ['a', '"b'],
            'with_count': ['true', 'true'],
            'x': ['1'],
        }
        parameters = {
            'limit': paging.limit(10),
            'with_count': queries.boolean,
        }
        error = self.assertRaises(
            errors.Refused,
            queries.read,
            given,
            parameters,
            filters.of_aggregates,
        )
        self.assertEqual(400, error.code)
        self.assertEqual(
            [('query.invalid', {'parameter': name}) for name in given],
            [(one.code, one.members) for one in error.problems],
        )

    def test_too_many_filters(self) -> None:
        for number, is_refused in ((50, False), (51, True)):
            given = {'name': ['a'] * number}
            try:
                queries.read(given, {}, filters.of_aggregates)
                self.assertFalse(is_refused)
            except errors.Refused:
                self.assertTrue(is_refused)

    def test_boolean(self) -> None:
        self.assertTrue(queries.boolean('true'))
        self.assertFalse(queries.boolean('false'))
        for text in ('', '1', 'True', 'yes'):
            self.assertRaises(queries.Invalid, queries.boolean, text)

    def test_fields(self) -> None:
        read = queries.chosen(('id', 'name'))
        self.assertEqual(('name', 'id'), read('name,id'))
        for text in ('', 'name,', 'Name', '__class__', 'name, id'):
            self.assertRaises(queries.Invalid, read, text)


class PagingTest(base.TestCase):
    """How long a page is, and where the next one begins."""

    def test_limit(self) -> None:
        read = paging.limit(10)
        for text, number in (('1', 1), ('10', 10), ('11', 10), ('9' * 20, 10)):
            self.assertEqual(number, read(text))
        for text in ('', '0', '-1', '+1', '1.5', ' 1', '\u0661', '9' * 9999):
            self.assertRaises(queries.Invalid, read, text)

    def test_order(self) -> None:
        read = paging.order(('id', 'name'))
        self.assertEqual([('name', False)], read('name'))
        self.assertEqual(
            [('name', True), ('id', False)], read('name:desc,id:asc')
        )
        for text in ('', 'x', 'name:', 'name:up', 'name,name', 'name,', ',id'):
            self.assertRaises(queries.Invalid, read, text)

    def test_marker(self) -> None:
        moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 6)
        values = (None, 7, 'ü"\0\U0001f600', moment)
        kinds = (paging.text, paging.number, paging.text, paging.moment)
        text = paging.marker('bound', values)
        self.assertRegex(text, '^[A-Za-z0-9_-]+$')
        self.assertEqual(values, paging.after(text, 'bound', kinds))
        for wrong in ('other', ''):
            self.assertRaises(errors.Refused, paging.after, text, wrong, kinds)
        self.assertRaises(
            errors.Refused, paging.after, text, 'bound', kinds[1:]
        )

    def test_forged_values(self) -> None:
        for value, kind in (
            ('7', paging.number),
            (-1, paging.number),
            (2**31, paging.number),
            (True, paging.number),
            (1.0, paging.number),
            (7, paging.text),
            (['a'], paging.text),
            ('x', paging.moment),
            (7, paging.moment),
            ('2026-01-02T03:04:05+01:00', paging.moment),
        ):
            text = paging.marker('bound', [value])
            self.assertRaises(
                errors.Refused, paging.after, text, 'bound', [kind]
            )

    @hypothesis.given(st.text() | st.binary().map(lambda one: one.hex()))
    @hypothesis.example('W10')
    @hypothesis.example('e30')
    @hypothesis.example('MQ')
    @hypothesis.example('\ud800')
    def test_any_text(self, text: str) -> None:
        try:
            paging.after(text, 'bound', [paging.number])
        except errors.Refused as error:
            self.assertEqual(400, error.code)

    def test_binding(self) -> None:
        asked: dict[str, Any] = {'name': ['a', 'b'], 'limit': ['1']}
        bound = paging.binding(asked, 'limit marker')
        for other, is_same in (
            ({'name': ['b', 'a']}, True),
            ({'limit': ['2'], 'name': ['a', 'b'], 'marker': ['x']}, True),
            ({'name': ['a']}, False),
            ({'name': ['a', 'b'], 'sort': ['id']}, False),
        ):
            self.assertEqual(
                is_same, bound == paging.binding(other, 'limit marker')
            )
