# SPDX-License-Identifier: Apache-2.0
"""Who asks, as the log tells of it.

Every line of a request carries the request id, the id that goes through many
services, and the caller, in the place where OpenStack's services have them.
"""

import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import wsgi

# Whether it is known by now who asks. Headers alone prove nothing.
_IS_KNOWN = 'nova_aggext.caller_is_known'

# The fields that oslo.log shows, and where they come from.
_IDS: Mapping[str, str] = types.MappingProxyType(
    {
        'request_id': 'openstack.request_id',
        'global_request_id': 'openstack.global_request_id',
    }
)
_CALLER: Mapping[str, str] = types.MappingProxyType(
    {
        'user': 'HTTP_X_USER_ID',
        'project': 'HTTP_X_PROJECT_ID',
        'domain': 'HTTP_X_DOMAIN_ID',
        'system_scope': 'HTTP_OPENSTACK_SYSTEM_SCOPE',
        'user_domain': 'HTTP_X_USER_DOMAIN_ID',
        'project_domain': 'HTTP_X_PROJECT_DOMAIN_ID',
    }
)


def begin(environ: 'wsgi.WSGIEnvironment') -> None:
    """Have lines show the ids of a request, which are in its environ."""
    environ[_IS_KNOWN] = False


def know_caller(environ: 'wsgi.WSGIEnvironment') -> None:
    """Have lines show who asks, too."""
    environ[_IS_KNOWN] = True


def fields(environ: 'wsgi.WSGIEnvironment') -> dict[str, Any]:
    """Give what a call of a logger takes as ``extra``.

    Nothing of a request that was not begun, as inside nova-api: lines show
    there what Nova has them show.
    """
    if _IS_KNOWN not in environ:
        return {}
    known = {**_IDS, **_CALLER} if environ[_IS_KNOWN] else _IDS
    shown = {field: environ.get(key) for field, key in known.items()}
    return {'context': dict.fromkeys(_CALLER) | shown}
