# SPDX-License-Identifier: Apache-2.0
"""Conflicts are found when a controller's class is made."""

import functools
from typing import Any

from nova_aggext import wsgi
from nova_aggext.tests import base
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import controller
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import request as wsgi_request
from nova_aggext.wsgi import validation

V21 = microversion.Version(2, 1)
V25 = microversion.Version(2, 5)


def _serves(*decorators: Any) -> Any:
    """Make a method with these facts."""

    def method(self: Any, req: Any, **arguments: Any) -> Any:
        return arguments

    for decorate in decorators:
        decorate(method)
    return method


def _make(**members: Any) -> type[wsgi.Controller]:
    made: type[wsgi.Controller] = type('Made', (wsgi.Controller,), members)
    return made


class ConflictsTest(base.TestCase):
    """Two methods cannot serve one call in one version."""

    def test_two_methods_of_one_action(self) -> None:
        error = self.assertRaises(
            TypeError,
            _make,
            first=_serves(wsgi.action('act')),
            second=_serves(wsgi.action('act')),
        )
        for word in ("'act'", 'first', 'second'):
            self.assertIn(word, str(error))

    def test_overlapping_versions(self) -> None:
        self.assertRaises(
            TypeError,
            _make,
            show=_serves(wsgi.api_version('2.1', '2.5')),
            show_new=_serves(wsgi.api_version('2.5', of='show')),
        )

    def test_versions_side_by_side(self) -> None:
        made = _make(
            show=_serves(wsgi.api_version('2.1', '2.4')),
            show_new=_serves(wsgi.api_version('2.5', of='show')),
        )
        found = [
            controller.find(made.handlers, 'show', version).name
            for version in (V21, V25)
        ]
        self.assertEqual(['show', 'show_new'], found)

    def test_actions_in_versions_side_by_side(self) -> None:
        act = wsgi.action('act')
        made = _make(
            old=_serves(act, wsgi.api_version('2.1', '2.4')),
            new=_serves(act, wsgi.api_version('2.5')),
        )
        found = controller.find(made.actions, 'act', V25)
        self.assertEqual('new', found.name)
        self.assertEqual({}, dict(made.handlers))

    def test_no_version_fits(self) -> None:
        made = _make(show=_serves(wsgi.api_version('2.5')))
        self.assertRaises(
            errors.VersionNotFoundForAPIMethod,
            controller.find,
            made.handlers,
            'show',
            V21,
        )

    def test_route_without_a_method(self) -> None:
        error = self.assertRaises(
            TypeError, _make, routes=(wsgi.Route('GET', '/things', 'index'),)
        )
        self.assertIn("'index'", str(error))

    def test_route_to_a_method_that_declares_nothing(self) -> None:
        self.assertRaises(
            TypeError,
            _make,
            routes=(wsgi.Route('GET', '/things', 'index'),),
            index=_serves(),
        )

    def test_route_of_actions(self) -> None:
        made = _make(
            routes=(wsgi.Route('POST', '/things/action', 'action'),),
            act=_serves(wsgi.action('act')),
        )
        self.assertEqual(['act'], list(made.actions))

    def test_a_subclass_adds_without_changing_its_base(self) -> None:
        parent = _make(show=_serves(wsgi.expected_errors()))
        child: type[wsgi.Controller] = type(
            'Child', (parent,), {'index': _serves(wsgi.expected_errors())}
        )
        self.assertEqual({'show', 'index'}, set(child.handlers))
        self.assertEqual({'show'}, set(parent.handlers))


class GuardTest(base.TestCase):
    """Body and query are checked before the method is called."""

    schema = {'type': 'object', 'required': ['a']}

    def _call(self, decorate: Any, body: Any = None, query: str = '') -> Any:
        made = _make(call=_serves(decorate))
        handler = controller.find(made.handlers, 'call', V21)
        request: wsgi_request.Request[Any]
        request = wsgi_request.Request.blank(f'/?{query}')
        request.version = V21
        request.api = nova.CURRENT
        return handler(made(), request, {'id': '7'}, body)

    def test_body(self) -> None:
        check = validation.schema(self.schema, '2.1')
        self.assertRaises(errors.ValidationError, self._call, check, {})
        self.assertEqual(
            {'id': '7', 'body': {'a': 1}}, self._call(check, {'a': 1})
        )

    def test_query(self) -> None:
        check = validation.query_schema(self.schema, '2.1')
        wrong = functools.partial(self._call, check, query='b=1')
        self.assertRaises(errors.ValidationError, wrong)
        self.assertEqual({'id': '7'}, self._call(check, query='a=1'))

    def test_no_query(self) -> None:
        """No parameter is wanted, so that there is nothing to check."""
        check = validation.query_schema(self.schema, '2.1')
        self.assertEqual({'id': '7'}, self._call(check))

    def test_schema_of_other_versions(self) -> None:
        check = validation.query_schema(self.schema, '2.5')
        self.assertEqual({'id': '7'}, self._call(check))
