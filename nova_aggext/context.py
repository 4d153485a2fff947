# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may do."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oslo_context import context

if TYPE_CHECKING:
    from _typeshed import wsgi

# Called with rule, target and context; raises PolicyNotAuthorized.
Authorize = Callable[[str, Mapping[str, Any], 'RequestContext'], None]


class RequestContext(context.RequestContext):
    """The identity of a caller, with the policy that applies to it.

    Never stored in the thread: inside nova-api that place is Nova's.
    """

    def __init__(self, *, authorize: Authorize, **kwargs: Any) -> None:
        super().__init__(overwrite=False, **kwargs)
        self._authorize = authorize

    def update_store(self) -> None:
        """Leave the context of the thread alone."""

    @classmethod
    def of_request(
        cls, environ: 'wsgi.WSGIEnvironment', authorize: Authorize
    ) -> 'RequestContext':
        """Make the context of a request from the headers of its identity."""
        made: RequestContext = cls.from_environ(environ, authorize=authorize)
        return made

    def can(self, rule: str) -> None:
        """Ask the policy whether the caller may do a thing.

        :raises PolicyNotAuthorized: when not
        """
        target = {'project_id': self.project_id, 'user_id': self.user_id}
        self._authorize(rule, target, self)
