# SPDX-License-Identifier: Apache-2.0
"""Where a paste file of a Nova loads the drop-in filter."""

import configparser
import dataclasses
import pathlib
from collections.abc import Iterator

from nova_aggext import exception

OURS = (
    'egg:nova-aggext#aggregates',
    'nova_aggext.deploy:aggregates_factory',
)
KEYSTONE = ('keystonemiddleware.auth_token:', 'egg:keystonemiddleware#auth')
IDENTITY = ('nova.api.auth:', 'nova.api.openstack.auth:')
LEGACY = ('nova.api.openstack:LegacyV2CompatibleWrapper',)
API = ('nova.api.openstack.compute:',)
# The pipeline for a lab that older releases of Nova have beside the one that
# counts.
LAB = 'noauth2'

LOADED = 'loaded'
MISSING = 'not loaded'


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one pipeline of the compute API."""

    pipeline: str
    state: str


def check(path: pathlib.Path, strategy: str = 'keystone') -> list[Finding]:
    """Look at every pipeline that ends in the compute API.

    :param strategy: ``[api] auth_strategy``; a pipeline for a lab counts only
        where that chooses it
    :raises ConfigurationError: for a file that is no paste file
    """
    parser = _read(path)
    return [
        Finding(name, _state(parser, parts))
        for name, parts in _pipelines(parser, strategy)
    ]


def filters(
    path: pathlib.Path, strategy: str = 'keystone'
) -> dict[str, dict[str, str]]:
    """Give the options of our filter by each name that pipelines have of it.

    :raises ConfigurationError: for a file that is no paste file
    """
    parser = _read(path)
    return {
        part: dict(parser.items(f'filter:{part}'))
        for _name, parts in _pipelines(parser, strategy)
        for part in parts[:-1]
        if _is(parser, f'filter:{part}', OURS)
    }


def asks_keystone(path: pathlib.Path, strategy: str = 'keystone') -> bool:
    """Say whether one of those pipelines has Keystone validate tokens.

    :raises ConfigurationError: for a file that is no paste file
    """
    parser = _read(path)
    return any(
        _is(parser, f'filter:{part}', KEYSTONE)
        for _name, parts in _pipelines(parser, strategy)
        for part in parts[:-1]
    )


def is_right(findings: list[Finding]) -> bool:
    """Say whether the filter is in every pipeline, in the right place."""
    return bool(findings) and all(one.state == LOADED for one in findings)


def _read(path: pathlib.Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(path.read_text())
    except (OSError, UnicodeError, configparser.Error) as error:
        raise exception.ConfigurationError(
            reason=f'{path} cannot be read as a paste file: {error}'
        ) from error
    return parser


def _pipelines(
    parser: configparser.RawConfigParser, strategy: str
) -> Iterator[tuple[str, list[str]]]:
    for section in parser.sections():
        for option, value in parser.items(section):
            if option == LAB != strategy:
                continue
            parts = value.split()
            if parts and _is(parser, f'app:{parts[-1]}', API):
                yield f'{section} {option}', parts


def _state(parser: configparser.RawConfigParser, parts: list[str]) -> str:
    filters = [f'filter:{part}' for part in parts[:-1]]
    for part, section in zip(parts, filters, strict=False):
        # One with a colon names no section, but a package or a file.
        if ':' not in part and not parser.has_section(section):
            return f'there is no [{section}]'
    ours = _places(parser, filters, OURS)
    if not ours:
        return MISSING
    if len(ours) > 1:
        return 'loaded more than once'
    if any(place > ours[0] for place in _places(parser, filters, IDENTITY)):
        return 'before the filter that knows the caller'
    if any(place < ours[0] for place in _places(parser, filters, LEGACY)):
        return 'after the filter of the legacy API'
    return LOADED


def _places(
    parser: configparser.RawConfigParser,
    sections: list[str],
    factories: tuple[str, ...],
) -> list[int]:
    return [
        place
        for place, section in enumerate(sections)
        if _is(parser, section, factories)
    ]


def _is(
    parser: configparser.RawConfigParser,
    section: str,
    factories: tuple[str, ...],
) -> bool:
    """Say whether a section is made by one of the factories."""
    if not parser.has_section(section):
        return False
    values = [value for _option, value in parser.items(section)]
    return any(value.startswith(factories) for value in values)
