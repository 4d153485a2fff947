# SPDX-License-Identifier: Apache-2.0
"""The filter that asks Keystone: with what it does not start."""

import types
from typing import Any

from nova_aggext import authtoken
from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


class AuthtokenTest(base.TestCase):
    """Configurations with which every request would fail."""

    def check(self, options: str, *expected: str) -> None:
        """The filter is not made, and all of this is said."""
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(options)
        make = authtoken.authtoken_factory({}, config_file=db.conf_file)
        error = self.assertRaises(
            exception.ConfigurationError, make, lambda *_: []
        )
        for text in expected:
            self.assertIn(text, str(error))

    def test_no_group(self) -> None:
        self.check('', 'no auth_type', '[keystone_authtoken]')

    def test_auth_type_that_nobody_offers(self) -> None:
        self.check(
            '[keystone_authtoken]\nauth_type = nonsense\n',
            'nonsense',
            '[keystone_authtoken]',
        )

    def test_no_url(self) -> None:
        self.check(
            '[keystone_authtoken]\nauth_type = password\n',
            'auth_url',
            '[keystone_authtoken]',
        )


class ClientTest(base.TestCase):
    """Clients of memcached that are not installed."""

    def check(self, missing: str | None, **options: Any) -> None:
        """This one is asked for, and none where nothing is missing."""
        more = {
            'memcached_servers': ['127.0.0.1:11211'],
            'memcache_sasl_enabled': False,
            'memcache_tls_enabled': False,
        }
        conf = types.SimpleNamespace(**{**more, **options})
        authtoken.require_client(conf, lambda _library: True)
        if missing is None:
            authtoken.require_client(conf, lambda _library: False)
            return
        error = self.assertRaises(
            exception.ExtraMissing,
            authtoken.require_client,
            conf,
            lambda library: library != missing,
        )
        self.assertIn('[keystone_authtoken] memcached_servers', str(error))
        self.assertIn('nova-aggext[memcached]', str(error))

    def test_clients(self) -> None:
        self.check('memcache')
        self.check('bmemcached', memcache_sasl_enabled=True)
        self.check('bmemcached', memcache_tls_enabled=True)
        self.check(None, memcached_servers=None)
