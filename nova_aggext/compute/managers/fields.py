# SPDX-License-Identifier: Apache-2.0
"""Fields of an aggregate, each of which a manager may claim by itself.

``name`` and each other scalar is one; so is each ``hosts/NAME``, which is true
while the host is in the aggregate, and each ``metadata/KEY``.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from nova_aggext.compute import etags
from nova_aggext.db import records

# What a field has; see ``absent``.
Value: TypeAlias = str | bool | None

NAME: Final = 'name'
# Collections, whose elements are fields; a manager may claim one as a whole.
HOSTS: Final = 'hosts'
METADATA: Final = 'metadata'
COLLECTIONS: Final = (HOSTS, METADATA)
# Beside the name.
SCALARS: Final = ('availability_zone', *records.ANNOTATIONS)


def of_host(host: str) -> str:
    """Give the field of a membership."""
    return f'{HOSTS}/{host}'


def of_key(key: str) -> str:
    """Give the field of a key of the metadata."""
    return f'{METADATA}/{key}'


def split(field: str) -> tuple[str, str]:
    """Give the collection of an element and its name in there."""
    collection, _, name = field.partition('/')
    return collection, name


def collection(field: str) -> str | None:
    """Give the collection that a field is an element of, if it is one."""
    name, slash, _ = field.partition('/')
    return name if slash else None


def absent(field: str) -> Value:
    """Give the value of a field that is not there, or says nothing."""
    if collection(field) == HOSTS:
        return False
    nothing: Value = records.ANNOTATIONS.get(field)
    return nothing


def is_there(field: str, value: Value) -> bool:
    """Say whether a value is not that of what is not there."""
    return value != absent(field)


def values(one: records.Aggregate | None) -> Mapping[str, Value]:
    """Give the values of all scalars, and of all elements that are there."""
    if one is None:
        return {}
    return {
        NAME: one.name,
        **{name: getattr(one, name) for name in SCALARS},
        **{of_key(k): v for k, v in etags.plain_metadata(one).items()},
        **{of_host(host): True for host in one.hosts},
    }
