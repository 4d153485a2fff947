# SPDX-License-Identifier: Apache-2.0
"""Images looked up in Glance, as their caller may see them."""

import time
from collections.abc import Collection

from keystoneauth1 import exceptions as ks_exc
from keystoneauth1 import loading
from keystoneauth1 import token_endpoint
from oslo_config import cfg

from nova_aggext import context
from nova_aggext import exception

GROUP = 'glance'
# Seconds for all lookups of a request.
DEADLINE = 10.0


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options of keystoneauth known in the group."""
    loading.register_session_conf_options(conf, GROUP)
    loading.register_adapter_conf_options(conf, GROUP)
    conf.set_default('service_type', 'image', group=GROUP)
    conf.set_default('valid_interfaces', ['internal', 'public'], group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Give the options of keystoneauth, for the sample generator."""
    options = [
        *loading.get_session_conf_options(),
        *loading.get_adapter_conf_options(include_deprecated=False),
    ]
    return [(GROUP, options)]


class Glance:
    """The image service, called with the token of who asks."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        register(conf)
        self._options = conf[GROUP]
        self._session = loading.load_session_from_conf_options(conf, GROUP)

    def require(
        self, who: context.RequestContext, image_ids: Collection[str]
    ) -> None:
        """Let pass images that the caller can see."""
        endpoint = self._endpoint(who)
        auth = token_endpoint.Token(endpoint, who.auth_token or '')
        until = time.monotonic() + (self._options.timeout or DEADLINE)
        for image_id in image_ids:
            url = f'{endpoint.rstrip("/")}/v2/images/{image_id}'
            status = self._status(auth, who, url, until)
            if status == 404:
                raise exception.ImageNotFound(image_id=image_id)
            if status >= 400:
                raise exception.ImageServiceUnavailable(
                    reason=f'it answers {status}'
                )

    def _status(
        self,
        auth: token_endpoint.Token,
        who: context.RequestContext,
        url: str,
        until: float,
    ) -> int:
        try:
            answer = self._session.get(
                url,
                auth=auth,
                # A caller without a token is Glance's business.
                authenticated=bool(who.auth_token),
                raise_exc=False,
                headers=_tracing(who),
                timeout=max(until - time.monotonic(), 0.001),
            )
        except ks_exc.ClientException as error:
            # The text of the error holds the internal URL.
            raise exception.ImageServiceUnavailable(
                reason=type(error).__name__
            ) from error
        status: int = answer.status_code
        return status

    def _endpoint(self, who: context.RequestContext) -> str:
        """Find Glance as configured, or in the caller's catalog."""
        named = self._options.endpoint_override or next(
            iter(self._options.api_servers or ()), None
        )
        for service in who.service_catalog:
            if service.get('type') == self._options.service_type:
                named = named or self._interface(service)
        if not named:
            raise exception.ImageServiceMissing()
        return str(named)

    def _interface(self, service: dict[str, list[dict[str, str]]]) -> str:
        region = self._options.region_name
        for interface in self._options.valid_interfaces:
            for endpoint in service.get('endpoints', []):
                if region in (None, endpoint.get('region')):
                    found = endpoint.get(f'{interface}URL')
                    if found:
                        return found
        return ''


def _tracing(who: context.RequestContext) -> dict[str, str]:
    request_id = who.global_request_id or who.request_id
    return {'X-OpenStack-Request-ID': request_id} if request_id else {}
