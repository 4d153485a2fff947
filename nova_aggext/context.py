# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may do."""

import datetime
import json
from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oslo_context import context

from nova_aggext import exception

if TYPE_CHECKING:
    from _typeshed import wsgi

# Called with rule, target and context; raises PolicyNotAuthorized.
Authorize = Callable[[str, Mapping[str, Any], 'RequestContext'], None]

# The services that Nova's own services call with a caller's token.
CATALOG_TYPES = (
    'accelerator',
    'block-storage',
    'block-store',
    'image',
    'key-manager',
    'network',
    'placement',
    'shared-file-system',
    'volume',
    'volumev3',
)


class RequestContext(context.RequestContext):
    """The identity of a caller, with the policy that applies to it.

    Never stored in the thread: inside nova-api that place is Nova's.

    :ivar timestamp: when the request came, in UTC
    :ivar remote_address: where it came from
    """

    def __init__(
        self,
        *,
        authorize: Authorize,
        remote_address: str | None = None,
        catalog: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(overwrite=False, **kwargs)
        self._authorize = authorize
        self._catalog = catalog
        self.remote_address = remote_address
        moment = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        self.timestamp = moment.isoformat(timespec='microseconds')

    def update_store(self) -> None:
        """Leave the context of the thread alone."""

    @classmethod
    def of_request(
        cls, environ: 'wsgi.WSGIEnvironment', authorize: Authorize
    ) -> 'RequestContext':
        """Make the context of a request from the headers of its identity."""
        made: RequestContext = cls.from_environ(
            environ,
            authorize=authorize,
            remote_address=environ.get('REMOTE_ADDR'),
            catalog=environ.get('HTTP_X_SERVICE_CATALOG'),
        )
        return made

    @property
    def service_catalog(self) -> list[Any]:
        """The part of the caller's catalog that Nova's services use."""
        try:
            services = json.loads(self._catalog or '[]')
        except ValueError:
            return []
        return [one for one in services if one.get('type') in CATALOG_TYPES]

    def can(self, rule: str) -> None:
        """Ask the policy whether the caller may do a thing.

        :raises PolicyNotAuthorized: when not
        """
        target = {'project_id': self.project_id, 'user_id': self.user_id}
        self._authorize(rule, target, self)

    def is_cloud_admin(self) -> bool:
        """Say whether the policy takes the caller for an administrator."""
        try:
            self.can('context_is_admin')
        except exception.Forbidden:
            return False
        return True
