# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy factory of the filter that asks Keystone who calls.

Apart from the other filters: a lab without Keystone need not carry it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from keystoneauth1 import exceptions as ks_exc
from keystoneauth1 import loading
from keystonemiddleware import auth_token
from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext import exception

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GROUP = 'keystone_authtoken'


def authtoken_factory(
    global_conf: dict[str, str], **options: str
) -> 'Callable[[WSGIApplication], WSGIApplication]':
    """Make keystonemiddleware's filter, on configuration of our own."""
    conf = deploy.configuration(global_conf, options)
    return lambda app: _protocol(app, conf)


def check(conf: cfg.ConfigOpts) -> None:
    """Log in to Keystone as who validates tokens.

    :raises ConfigurationError: when it is not configured how to
    :raises KeystoneUnavailable: when Keystone does not let us in
    """
    loading.register_auth_conf_options(conf, GROUP)
    try:
        auth = loading.load_auth_from_conf_options(conf, GROUP)
    except ks_exc.AuthPluginException as error:
        raise exception.ConfigurationError(
            reason=f'No token can be validated: {error}; see [{GROUP}].'
        ) from error
    if auth is None:
        raise exception.ConfigurationError(
            reason=f'No token can be validated: there is no [{GROUP}] '
            'auth_type.'
        )
    _protocol(None, conf)
    options = conf[GROUP]
    session = loading.session.Session().load_from_options(
        cert=options.certfile,
        key=options.keyfile,
        cacert=options.cafile,
        insecure=options.insecure,
        timeout=options.http_connect_timeout,
    )
    try:
        session.get_token(auth)
    except ks_exc.ClientException as error:
        raise exception.KeystoneUnavailable(reason=error) from error


def _protocol(
    app: 'WSGIApplication | None', conf: cfg.ConfigOpts
) -> auth_token.AuthProtocol:
    return auth_token.AuthProtocol(app, {'oslo_config_config': conf})
