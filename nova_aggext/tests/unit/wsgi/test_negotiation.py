# SPDX-License-Identifier: Apache-2.0
"""Negotiation of versions."""

import webob

from nova_aggext.tests import base
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova

Version = microversion.Version

NEW = negotiation.HEADER
OLD = nova.VERSION_HEADER


class NegotiationTest(base.TestCase):
    """Which version a request asks for."""

    def _negotiate(self, **headers: str) -> str:
        named = {
            name.replace('_', '-'): value for name, value in headers.items()
        }
        environ = webob.Request.blank('/', headers=named).environ
        return str(negotiation.negotiate(environ, nova.CURRENT))

    def test_found(self) -> None:
        for expected, headers in (
            ('2.1', {}),
            ('2.41', {NEW: 'compute 2.41'}),
            ('2.104', {NEW: 'compute latest'}),
            ('2.200', {NEW: 'compute 2.200'}),
            ('2.1', {NEW: 'volume 3.2'}),
            ('2.1', {NEW: 'compute'}),
            ('2.1', {NEW: '2.7'}),
            ('2.7', {NEW: 'volume 3.2, compute 2.7'}),
            ('2.7', {OLD: '2.7'}),
            ('2.104', {OLD: 'latest'}),
            ('2.8', {NEW: 'compute 2.8', OLD: '2.7'}),
        ):
            self.assertEqual(expected, self._negotiate(**headers))

    def test_of_no_form(self) -> None:
        for headers in (
            {NEW: 'compute two'},
            {OLD: 'two'},
            {NEW: 'compute 2.7 2.8'},
        ):
            self.assertRaises(
                errors.InvalidAPIVersionString, self._negotiate, **headers
            )

    def test_legacy(self) -> None:
        """It has one version, whatever is asked for."""
        for headers in ({}, {NEW: 'compute 2.7'}, {OLD: 'two'}):
            environ = webob.Request.blank('/', headers=headers).environ
            found = negotiation.negotiate(environ, nova.LEGACY)
            self.assertEqual('2.0', str(found))

    def test_required(self) -> None:
        negotiation.require(nova.CURRENT.supported.maximum, nova.CURRENT)
        error = self.assertRaises(
            errors.InvalidGlobalAPIVersion,
            negotiation.require,
            Version(2, 105),
            nova.CURRENT,
        )
        for part in ('2.105', '2.1 ', '2.104'):
            self.assertIn(part, str(error))

    def test_told(self) -> None:
        told = negotiation.response_headers(nova.CURRENT, Version(2, 7))
        self.assertEqual(
            {NEW: 'compute 2.7', OLD: '2.7', 'Vary': f'{NEW}, {OLD}'},
            dict(told),
        )

    def test_told_with_the_type(self) -> None:
        told = negotiation.response_headers(
            nova.CURRENT, Version(2, 7), by_type=True
        )
        self.assertEqual(f'Accept, {NEW}, {OLD}', dict(told)['Vary'])
        told = negotiation.response_headers(
            nova.LEGACY, Version(2, 0), by_type=True
        )
        self.assertEqual({'Vary': 'Accept'}, dict(told))
        told = negotiation.response_headers(nova.LEGACY, Version(2, 0))
        self.assertEqual((), told)
