# SPDX-License-Identifier: Apache-2.0
"""Parts of any package, loaded from entry points.

Whatever an entry point names is called and gives the part. An error of that
goes to who loads: a server that lacks a part in silence helps nobody.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from stevedore import extension
from stevedore import named

from nova_aggext import exception


def load_all(namespace: str, *arguments: object) -> dict[str, Any]:
    """Make every installed part, by the name of its entry point.

    :param arguments: what the entry points are called with
    """
    manager: extension.ExtensionManager[Any] = extension.ExtensionManager(
        namespace,
        invoke_on_load=True,
        invoke_args=arguments,
        on_load_failure_callback=_fail,
    )
    return {one.name: one.obj for one in sorted(manager, key=_name)}


def load(
    namespace: str,
    names: Sequence[str],
    *arguments: object,
    option: str = 'the installation of nova-aggext',
) -> dict[str, Any]:
    """Make the parts of some names, in their order.

    :param option: where to look when no package offers one
    :param arguments: what the entry points are called with
    :raises ConfigurationError: when no package offers one
    """

    def miss(missing: Iterable[str]) -> None:
        listed = ', '.join(repr(name) for name in sorted(missing))
        raise exception.ConfigurationError(
            reason=f'No package offers {listed} as {namespace}; see {option}.'
        )

    manager: named.NamedExtensionManager[Any] = named.NamedExtensionManager(
        namespace,
        names=list(names),
        invoke_on_load=True,
        invoke_args=arguments,
        name_order=True,
        on_load_failure_callback=_fail,
        on_missing_entrypoints_callback=miss,
    )
    return {one.name: one.obj for one in manager}


def _name(loaded: extension.Extension[Any]) -> str:
    return loaded.name


def _fail(
    _manager: object, _entry_point: object, error: BaseException
) -> None:
    raise error
