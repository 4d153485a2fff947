# SPDX-License-Identifier: Apache-2.0
"""Reads the file that says what a manager wants."""

import dataclasses
import hashlib
import types
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import yaml

from osc_aggext.sdk import requests
from osc_aggext.site import hosts
from osc_aggext.site import places
from osc_aggext.site import tenants

VERSION = '1'
UNKNOWN_HOSTS = ('refuse', 'skip')
ON_DRIFT = ('overwrite', 'refuse')
EXCLUSIVE = ('hosts', 'metadata')


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """What a manager wants.

    :ivar document: as the API takes it; hosts of wildcards are named
    :ivar places: where in the file each part of it stands, by JSON Pointer
    :ivar digest: of the text of the file
    :ivar warnings: what may be an oversight
    """

    document: requests.Document
    places: Mapping[str, places.Place]
    digest: str
    warnings: tuple[str, ...] = ()


def load(
    text: str, name: str, known_hosts: Callable[[], Iterable[str]]
) -> Site:
    """Read a file.

    :param name: of the file, for what is told of it
    :param known_hosts: gives the hosts that wildcards may stand for; it is
        called only where there is one
    :raises places.Invalid: which tells of all that is wrong, and where
    """
    root = places.parse(text, name)
    reader = _File(hosts.Expander(known_hosts))
    document = reader.document(root)
    if reader.problems:
        raise places.Invalid(name, reader.problems)
    digest = hashlib.sha256(text.encode()).hexdigest()
    warnings = tuple(
        f'{name}:{one.place.line}:{one.place.column}: {one.detail}'
        for one in reader.oversights
    )
    return Site(document, dict(reader.places), digest, warnings)


class _File(places.Reader):
    """Reads one file."""

    def __init__(self, expander: hosts.Expander) -> None:
        super().__init__()
        self.places: dict[str, places.Place] = {}
        self.oversights: list[places.Problem] = []
        self._expander = expander

    def document(self, root: yaml.Node) -> requests.Document:
        """Read the whole file."""
        read: Mapping[str, Callable[[yaml.Node, Any], None]] = {
            'aggregates': self._aggregates,
            'defaults': self._defaults,
            'description': self._description,
            'version': self._version,
        }
        document: Any = {'aggregates': []}
        given = set()
        for name, member, value in self.members(root, read, 'the file'):
            given.add(name)
            member(value, document)
        for name in ('version', 'aggregates'):
            if name not in given and isinstance(root, yaml.MappingNode):
                self.fail(root, f'The file must have {name}.')
        found: requests.Document = document
        return found

    def _version(self, node: yaml.Node, _document: Any) -> None:
        if node.tag != 'tag:yaml.org,2002:int' or node.value != VERSION:
            self.fail(node, f'The version of this form is {VERSION}.')

    def _description(self, node: yaml.Node, document: Any) -> None:
        document['description'] = self.text(node)

    def _defaults(self, node: yaml.Node, document: Any) -> None:
        known = {'unknown_hosts': UNKNOWN_HOSTS, 'on_drift': ON_DRIFT}
        for name, values, value in self.members(node, known, 'defaults'):
            document[name] = self.choice(value, values)

    def _aggregates(self, node: yaml.Node, document: Any) -> None:
        for key, name, value in self.entries(node, 'aggregates'):
            at = f'/manager/aggregates/{len(document["aggregates"])}'
            self.places[at] = self.places[f'{at}/name'] = places.Place.of(key)
            item: dict[str, Any] = {'name': name}
            if not places.is_nothing(value):
                self._aggregate(value, item, at)
            document['aggregates'].append(item)

    def _aggregate(
        self, node: yaml.Node, item: dict[str, Any], at: str
    ) -> None:
        """Read what is wanted of an aggregate."""
        where = f'aggregate {item["name"][:80]!r}'
        given = {}
        for name, read, value in self.members(node, _MEMBERS, where):
            given[name] = value
            self.places[f'{at}/{name}'] = places.Place.of(value)
            read(self, value, item, at)
        if 'state' in given and len(given) > 1:
            self.fail(given['state'], 'What is absent has nothing else.')
        keys = tenants.keys_of(item.get('metadata', {}))
        if 'tenants' in given and keys:
            self.fail(
                given['tenants'],
                f'The metadata has {keys[0]} as well; say it once.',
            )
        elif 'tenants' in item:
            item.setdefault('metadata', {}).update(
                tenants.metadata(item.pop('tenants'))
            )

    def _protected(
        self, node: yaml.Node, item: dict[str, Any], at: str
    ) -> None:
        item['protected'] = self.flag(node)

    def _state(self, node: yaml.Node, item: dict[str, Any], at: str) -> None:
        item['state'] = self.choice(node, ('absent',))

    def _exclusive(
        self, node: yaml.Node, item: dict[str, Any], at: str
    ) -> None:
        found = self.items(node, lambda one: self.choice(one, EXCLUSIVE))
        item['exclusive'] = [value for _, value in found]

    def _metadata(
        self, node: yaml.Node, item: dict[str, Any], at: str
    ) -> None:
        found = item['metadata'] = {}
        for _, key, value in self.entries(node, 'metadata'):
            place = _pointer(f'{at}/metadata', key)
            self.places[place] = places.Place.of(value)
            found[key] = None if places.is_nothing(value) else self.text(value)

    def _tenants(self, node: yaml.Node, item: dict[str, Any], at: str) -> None:
        found = self.items(node, self.text)
        for one, project in found:
            if not tenants.is_project(project):
                self.fail(one, 'That can be no id of a project.')
        if not found and isinstance(node, yaml.SequenceNode):
            self.fail(node, 'No tenants: leave it out to let in everybody.')
        item['tenants'] = [project for _, project in found]

    def _hosts(self, node: yaml.Node, item: dict[str, Any], at: str) -> None:
        found = self.items(node, self.text)
        good = []
        for one, text in found:
            reason = hosts.reason_against(text)
            if reason is None:
                good.append((one, text))
            else:
                self.fail(one, reason)
        if self.problems:
            return
        entries = [text for _, text in good]
        if hosts.is_plain(entries):
            for number, (one, _) in enumerate(good):
                place = f'{at}/hosts/{number}'
                self.places[place] = places.Place.of(one)
            item['hosts'] = entries
            return
        chosen = self._expander.expand(entries)
        item['hosts'] = chosen.folded
        for one, text in good:
            if text in chosen.idle:
                detail = f'{text} stands for no host.'
                self.oversights.append(
                    places.Problem(places.Place.of(one), detail)
                )


def _pointer(at: str, name: str) -> str:
    """Give the JSON Pointer of a member."""
    escaped = name.replace('~', '~0').replace('/', '~1')
    return f'{at}/{escaped}'


def _scalar(name: str) -> Callable[..., None]:
    """Give what reads a text of an aggregate, or null."""

    def read(
        file: _File, node: yaml.Node, item: dict[str, Any], at: str
    ) -> None:
        item[name] = None if places.is_nothing(node) else file.text(node)

    return read


_MEMBERS: Mapping[str, Callable[..., None]] = types.MappingProxyType(
    {
        'availability_zone': _scalar('availability_zone'),
        'description': _scalar('description'),
        'exclusive': _File._exclusive,
        'hosts': _File._hosts,
        'metadata': _File._metadata,
        'owner': _scalar('owner'),
        'protected': _File._protected,
        'state': _File._state,
        'tenants': _File._tenants,
    }
)
