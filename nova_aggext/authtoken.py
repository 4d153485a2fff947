# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy factory of the filter that asks Keystone who calls.

Apart from the other filters: a lab without Keystone need not carry it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keystoneauth1 import exceptions as ks_exc
from keystoneauth1 import loading
from keystonemiddleware import auth_token
from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext import extras

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
        raise _useless(error) from error
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


def require_client(
    options: Any, is_installed: extras.IsInstalled = extras.is_installed
) -> None:
    """Refuse to start without what ``memcached_servers`` needs.

    The middleware imports it when the first request comes, and fails then.

    :param options: those of ``[keystone_authtoken]``
    :raises ExtraMissing: which names the extra
    """
    if options.memcached_servers:
        sasl, tls = options.memcache_sasl_enabled, options.memcache_tls_enabled
        library = 'bmemcached' if sasl or tls else 'memcache'
        option = f'[{GROUP}] memcached_servers'
        extras.require_memcached(library, option, is_installed)


def _protocol(
    app: 'WSGIApplication | None', conf: cfg.ConfigOpts
) -> auth_token.AuthProtocol:
    """Make the filter, if it can ever validate a token.

    :raises ConfigurationError: when it cannot
    """
    try:
        made = auth_token.AuthProtocol(app, {'oslo_config_config': conf})
    except ks_exc.AuthPluginException as error:
        raise _useless(error) from error
    options = conf[GROUP]
    if not conf[options.auth_section or GROUP].auth_type:
        raise _useless('there is no auth_type')
    require_client(options)
    return made


def _useless(why: object) -> exception.ConfigurationError:
    return exception.ConfigurationError(
        reason=f'No token can be validated: {why}; see [{GROUP}].'
    )
