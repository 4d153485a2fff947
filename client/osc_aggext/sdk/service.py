# SPDX-License-Identifier: Apache-2.0
"""Where the API of a cloud is, and how a connection gets it.

::

    import openstack
    from osc_aggext.sdk import service

    cloud = openstack.connect()
    aggregates = service.of(cloud)
    for one in aggregates.aggregates({'host': 'cmp-a001'}):
        print(one.name)
"""

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.identity import base as identity
from openstack import connection
from openstack import service_description

from osc_aggext.sdk import proxy
from osc_aggext.sdk import transport

# Where it is below the endpoint of the compute service.
PATH = '/os-aggext'


# It takes no type in releases of openstacksdk that are still in use.
class HostAggregate(
    service_description.ServiceDescription  # type: ignore[type-arg]
):
    """The service, to be added to a connection.

    It is looked for as the catalog's ``host-aggregate``, then as
    ``/os-aggext`` below the compute service. The option
    ``host_aggregate_endpoint_override`` says where it is otherwise.
    """

    def __init__(self) -> None:
        super().__init__(transport.SERVICE_TYPE)

    def _make_proxy(self, instance: connection.Connection) -> proxy.Proxy:
        made = instance.config.get_session_client(
            'compute', constructor=proxy.Proxy
        )
        made.endpoint_override = _endpoint(instance)
        made.service_type = transport.SERVICE_TYPE
        return made


def of(cloud: connection.Connection) -> proxy.Proxy:
    """Give the service of a connection; always the same one."""
    found: proxy.Proxy = _SERVICE.__get__(cloud, type(cloud))
    return found


def vendor_hook(cloud: connection.Connection) -> None:
    """Let each connection have the service as ``host_aggregate``.

    In a vendor profile: ``"vendor_hook":
    "osc_aggext.sdk.service:vendor_hook"``.
    """
    cloud.add_service(_SERVICE)


def _endpoint(cloud: connection.Connection) -> str:
    """Find out where the API is."""
    config = cloud.config
    chosen = config.config.get('host_aggregate_endpoint_override')
    found = chosen or _in_catalog(cloud)
    if found:
        return str(found).rstrip('/')
    return str(cloud.compute.get_endpoint()).rstrip('/') + PATH


def _in_catalog(cloud: connection.Connection) -> str | None:
    """Give the endpoint of its own, if the catalog has one.

    A plugin without a catalog has the same endpoint for every service; that
    is the one of compute.
    """
    session = cloud.config.get_session()
    if not isinstance(session.auth, identity.BaseIdentityPlugin):
        return None
    catalog = session.auth.get_access(session).service_catalog
    try:
        return str(
            catalog.url_for(
                service_type=transport.SERVICE_TYPE,
                interface=cloud.config.get_interface(transport.SERVICE_TYPE),
                region_name=cloud.config.get_region_name(
                    transport.SERVICE_TYPE
                ),
            )
        )
    except keystone_exceptions.EndpointNotFound:
        return None


_SERVICE = HostAggregate()
