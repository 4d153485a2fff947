# SPDX-License-Identifier: Apache-2.0
"""The service of the cloud that a task names."""

import contextlib
import traceback
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any, Protocol

from ansible.module_utils import basic

IMPORT_ERROR: str | None = None
try:
    import openstack
    from keystoneauth1 import exceptions as keystone_exceptions
    from openstack import exceptions as sdk_exceptions
    from osc_aggext.sdk import errors
    from osc_aggext.sdk import service as services
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

Spec = dict[str, Any]

# What is passed on to openstacksdk, and how it is called there.
_NAMES = {
    'cloud': 'cloud',
    'auth': 'auth',
    'auth_type': 'auth_type',
    'region_name': 'region_name',
    'interface': 'interface',
    'validate_certs': 'verify',
    'ca_cert': 'cacert',
    'client_cert': 'cert',
    'client_key': 'key',
    'api_timeout': 'api_timeout',
}


class Module(Protocol):
    """What is used of AnsibleModule."""

    params: Mapping[str, Any]
    check_mode: bool
    _diff: bool

    def fail_json(self, msg: str, **results: Any) -> None:
        """End it as failed."""

    def warn(self, warning: str) -> None:
        """Tell something to think of."""


def spec(**own: Spec) -> dict[str, Spec]:
    """Give the options of a module: its own, and those of the cloud."""
    return {
        'cloud': {'type': 'str'},
        'auth': {'type': 'dict', 'no_log': True},
        'auth_type': {'type': 'str'},
        'region_name': {'type': 'str'},
        'interface': {
            'type': 'str',
            'choices': ['admin', 'internal', 'public'],
            'aliases': ['endpoint_type'],
        },
        'validate_certs': {'type': 'bool', 'aliases': ['verify']},
        'ca_cert': {'type': 'path', 'aliases': ['cacert']},
        'client_cert': {'type': 'path', 'aliases': ['cert']},
        'client_key': {'type': 'path', 'no_log': False, 'aliases': ['key']},
        'api_timeout': {'type': 'int'},
        **own,
    }


@contextlib.contextmanager
def service(module: Module) -> Iterator[Any]:
    """Give the service; what goes wrong with it ends the module.

    What a server refused is told as it said it, in ``errors``.
    """
    if IMPORT_ERROR is not None:
        module.fail_json(
            msg=basic.missing_required_lib('osc-aggext'),
            exception=IMPORT_ERROR,
        )
    try:
        with openstack.connect(**_config(module.params)) as cloud:
            yield services.of(cloud)
    except errors.Refused as error:
        module.fail_json(
            msg=str(error),
            errors=[dict(one.members) for one in error.problems],
            more=error.more,
        )
    except (
        keystone_exceptions.ClientException,
        sdk_exceptions.SDKException,
    ) as error:
        module.fail_json(msg=str(error))


def _config(params: Mapping[str, Any]) -> dict[str, Any]:
    """Give what openstacksdk is told of the cloud."""
    return {
        known: params[name]
        for name, known in _NAMES.items()
        if params[name] is not None
    }
