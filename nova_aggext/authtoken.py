# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy factory of the filter that asks Keystone who calls.

Apart from the other filters: a lab without Keystone need not carry it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from keystonemiddleware import auth_token

from nova_aggext import deploy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def authtoken_factory(
    global_conf: dict[str, str], **options: str
) -> 'Callable[[WSGIApplication], WSGIApplication]':
    """Make keystonemiddleware's filter, on configuration of our own."""
    conf = deploy.configuration(global_conf, options)
    return lambda app: auth_token.AuthProtocol(
        app, {'oslo_config_config': conf}
    )
