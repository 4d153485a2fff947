# SPDX-License-Identifier: Apache-2.0
"""A filter for Nova's pipelines that believes who the headers name.

Nova imports it by itself, without this package.
"""

from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import wsgi

    App = wsgi.WSGIApplication

ADMIN = {
    'HTTP_X_USER_ID': 'admin',
    'HTTP_X_PROJECT_ID': 'admin',
    'HTTP_X_ROLES': 'admin,manager,member,reader',
}


def factory(
    global_conf: dict[str, str], **options: str
) -> 'Callable[[App], App]':
    """Make the filter: admin without headers."""

    def wrap(application: 'App') -> 'App':
        def serve(
            environ: 'wsgi.WSGIEnvironment',
            start_response: 'wsgi.StartResponse',
        ) -> Iterable[bytes]:
            for name, value in ADMIN.items():
                environ.setdefault(name, value)
            if 'HTTP_OPENSTACK_SYSTEM_SCOPE' in environ:
                del environ['HTTP_X_PROJECT_ID']
            environ['HTTP_X_IDENTITY_STATUS'] = 'Confirmed'
            return application(environ, start_response)

        return serve

    return wrap
