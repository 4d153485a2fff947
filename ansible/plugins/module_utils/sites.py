# SPDX-License-Identifier: Apache-2.0
"""What a manager wants, by the rules of the file of the command."""

import contextlib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from ansible_collections.aggext.openstack.plugins.module_utils import clouds

# Where it is missing, asking for the service tells of it.
with contextlib.suppress(ImportError):
    import yaml
    from osc_aggext.site import loader
    from osc_aggext.site import places

# Options that are members of the file.
MEMBERS = ('version', 'description', 'defaults', 'aggregates')


def document(module: clouds.Module, service: Any) -> dict[str, Any]:
    """Give the document of a manager; what is wrong in it ends the module.

    Hosts are asked for where a wildcard stands for some.
    """
    wanted = _given(module.params, MEMBERS)
    if 'defaults' in wanted:
        wanted['defaults'] = _given(wanted['defaults'], wanted['defaults'])
    text = yaml.safe_dump(wanted, allow_unicode=True, sort_keys=False)

    def known_hosts() -> Iterator[str]:
        for host in service.hosts(fields=['name', 'known']):
            if host.known is not False:
                yield host.name

    try:
        site = loader.load(text, 'task', known_hosts)
    except places.Invalid as error:
        module.fail_json(msg='\n'.join(_told(text, error.problems)))
    for warning in site.warnings:
        module.warn(warning.partition(': ')[2])
    return dict(site.document)


def _given(params: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: params[name] for name in names if params[name] is not None}


def _told(text: str, problems: Any) -> Iterator[str]:
    """Tell what is wrong by the option that it stands in, not by its line."""
    names = dict(_named(yaml.compose(text, yaml.SafeLoader), ''))
    for one in problems[: places.MOST]:
        yield f'{names.get(one.place, "task")}: {one.detail}'
    if len(problems) > places.MOST:
        yield f'... and {len(problems) - places.MOST} more.'


def _named(node: Any, name: str) -> Iterator[tuple[Any, str]]:
    """Give the name of all that stands in a text, by its place."""
    yield places.Place.of(node), name
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = f'{name}.{key.value}' if name else key.value
            yield from _named(value, below)
            yield places.Place.of(key), below
    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _named(value, f'{name}[{number}]')
