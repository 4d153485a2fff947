# SPDX-License-Identifier: Apache-2.0
"""The contract as one may read it: the requests in ``gabbits``.

Each file is a sequence of requests to a standalone server in this process,
beginning with an empty SQLite database. The names of its tests are sentences.
"""

import contextlib
import pathlib
import types
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar
import unittest

from gabbi import case
from gabbi import driver
from gabbi import handlers

from nova_aggext import deploy
from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases

if TYPE_CHECKING:
    from _typeshed import wsgi

FOLDER = pathlib.Path(__file__).parent / 'gabbits'


class ForbiddenStrings(handlers.base.ResponseHandler):  # type: ignore[misc]
    """Texts that are nowhere in a body: ``response_forbidden_strings``."""

    test_key_suffix = 'forbidden_strings'
    test_key_value: ClassVar[list[str]] = []

    def action(
        self, test: case.HTTPTestCase, item: str, value: object = None
    ) -> None:
        """Fail a test whose answer has the text."""
        test.assertNotIn(item, test.output)


class Served:
    """A WSGI application that passes requests on to that of the moment."""

    app: 'wsgi.WSGIApplication'

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        return self.app(environ, start_response)

    @contextlib.contextmanager
    def empty_database(self) -> Iterator[None]:
        """Serve an empty database, with host1 to host4 and busy1."""
        with databases.Database() as db:
            inventory = registered.RegisteredHosts(db.conf, db.database)
            inventory.add_host('host1', 'host2', 'host3', 'host4')
            inventory.add_host('busy1', instances=1)
            self.app = deploy.load([db.conf_file])
            yield


def load_tests(
    loader: unittest.TestLoader,
    _tests: unittest.TestSuite,
    _pattern: str | None,
) -> unittest.TestSuite:
    """Make a test of each request, and a suite of each file."""
    served = Served()
    suite: unittest.TestSuite = driver.build_tests(
        str(FOLDER),
        loader,
        intercept=lambda: served,
        test_loader_name=__name__,
        response_handlers=[ForbiddenStrings],
        fixture_module=types.SimpleNamespace(
            EmptyDatabase=served.empty_database
        ),
    )
    return suite
