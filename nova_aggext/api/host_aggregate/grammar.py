# SPDX-License-Identifier: Apache-2.0
"""Reads the body of a change: all that is wrong with its form at once.

What is wrong is said of the place where it stands, as a JSON Pointer.
"""

import dataclasses
from typing import Any

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import feed_queries
from nova_aggext.api.host_aggregate import forms
from nova_aggext.api.host_aggregate import parts
from nova_aggext.api.host_aggregate import references
from nova_aggext.compute import limits as compute_limits
from nova_aggext.compute import patterns
from nova_aggext.compute import unset
from nova_aggext.db import records

Asked = compute_asked.Asked
Operation = compute_asked.Operation
Reference = compute_asked.Reference

Members = forms.Members

# Largest id that the database of Nova holds.
_MAX_ID = 2**31 - 1

_CHANGE = frozenset(
    (
        'reason',
        'strict',
        'unknown_hosts',
        'expect_digest',
        'aggregates',
        'hosts',
        'revert',
    )
)
_OF_BOTH = frozenset(
    (
        'op',
        'name',
        'availability_zone',
        'metadata',
        'hosts',
        *records.ANNOTATIONS,
    )
)
_UPDATE = _OF_BOTH | {'aggregate', 'if_match'}
_CREATE = _OF_BOTH | {'uuid'}
_DELETE = frozenset(('op', 'aggregate', 'if_match', 'hosts'))
_HOST = frozenset(('host', 'aggregates', 'if_match'))
_WAYS = frozenset(('add', 'remove', 'set'))


def parse(body: Any, limits: compute_limits.Limits) -> Asked:
    """Read a change.

    :raises Refused: with all that is wrong
    """
    reader = _Reader(limits)
    asked = reader.change(body)
    if reader.problems:
        raise errors.Refused(400, reader.problems)
    return asked


class _Reader(parts.Reader):
    """Reads a change."""

    def change(self, body: Any) -> Asked:
        """Read all of it."""
        outer = self.object(body, '', frozenset(('change',)), ('change',))
        at = '/change'
        found = self.object(outer.get('change'), at, _CHANGE)
        has_items = 'aggregates' in found or 'hosts' in found
        if has_items == ('revert' in found):
            self.fail(at, 'Give either revert, or aggregates, or hosts.')
        if 'revert' in found and 'strict' in found:
            self.fail(f'{at}/strict', 'It has no meaning beside revert.')
        aggregates = self.items(found, at, 'aggregates', self._aggregate)
        hosts = self.items(found, at, 'hosts', self._host)
        if has_items and not (aggregates or hosts or self.problems):
            self.fail(at, 'There is not one item.')
        choice = self.optional(found, at, 'unknown_hosts', self.choice)
        return Asked(
            aggregates=tuple(aggregates),
            hosts=tuple(hosts),
            strict=bool(self.optional(found, at, 'strict', self.flag)),
            skip_unknown=choice == 'skip',
            expect_digest=self.nullable(found, at, 'expect_digest', self.tag),
            reason=self.nullable(found, at, 'reason', self.reason),
            revert=self.optional(found, at, 'revert', self._change_id),
        )

    def _aggregate(self, value: Any, at: str) -> compute_asked.AggregateItem:
        operation = self._operation(value, at)
        if operation is Operation.CREATE:
            return self._create(self.object(value, at, _CREATE, ('name',)), at)
        allowed = _DELETE if operation is Operation.DELETE else _UPDATE
        found = self.object(value, at, allowed, ('aggregate',))
        hosts = self.optional(found, at, 'hosts', self._hosts)
        joins = hosts is not None and (hosts.add or hosts.whole)
        if operation is Operation.DELETE and joins:
            self.fail(f'{at}/hosts', 'They cannot be of what is deleted.')
        reference = self.optional(found, at, 'aggregate', self._reference)
        name = self.optional(found, at, 'name', self.name)
        return compute_asked.AggregateItem(
            at,
            operation,
            reference=_renamed(reference or Reference(at), name),
            name=name,
            zone=self._zone(found, at),
            metadata=self.optional(found, at, 'metadata', self._metadata),
            hosts=hosts,
            **self._annotations(found, at),
            if_match=self.optional(found, at, 'if_match', self.tag),
        )

    def _create(self, found: Members, at: str) -> compute_asked.AggregateItem:
        hosts = self.optional(found, at, 'hosts', self._hosts)
        metadata = self.optional(found, at, 'metadata', self._metadata)
        for name, part in (('hosts', hosts), ('metadata', metadata)):
            if part is not None and part.remove:
                self.fail(f'{at}/{name}/remove', 'There is nothing to remove.')
        return compute_asked.AggregateItem(
            at,
            Operation.CREATE,
            uuid=self.optional(found, at, 'uuid', self._uuid),
            name=self.optional(found, at, 'name', self.name),
            zone=self._zone(found, at),
            metadata=metadata,
            hosts=hosts,
            **self._annotations(found, at),
        )

    def _host(self, value: Any, at: str) -> compute_asked.HostItem:
        required = ('host', 'aggregates')
        found = self.object(value, at, _HOST, required)
        inner = f'{at}/aggregates'
        ways = self._ways(found.get('aggregates', {}), inner)
        whole = None
        if 'set' in ways:
            whole = tuple(self._references(ways, inner, 'set'))
        return compute_asked.HostItem(
            at,
            self.optional(found, at, 'host', self._hostname) or '',
            add=tuple(self._references(ways, inner, 'add')),
            remove=tuple(self._references(ways, inner, 'remove')),
            whole=whole,
            if_match=self.optional(found, at, 'if_match', self.tag),
        )

    def _references(self, ways: Members, at: str, way: str) -> list[Reference]:
        found = self.items(ways, at, way, self._reference)
        self.count(len(found), f'{at}/{way}')
        return found

    def _hosts(self, value: Any, at: str) -> compute_asked.Hosts:
        ways = self._ways(value, at)
        found = {way: self.expanded(ways, at, way) for way in ways}
        add, remove = found.get('add', {}), found.get('remove', {})
        for host in sorted(add.keys() & remove.keys()):
            self.fail(
                remove[host],
                f'Host {host} is added and removed.',
                code='change.contradictory',
                host=host,
            )
        return compute_asked.Hosts(add, remove, found.get('set'))

    def _metadata(self, value: Any, at: str) -> compute_asked.Metadata:
        ways = self._ways(value, at)
        add = self.values(ways.get('add', {}), f'{at}/add')
        remove = tuple(dict.fromkeys(self.texts(ways, at, 'remove')))
        for number, key in enumerate(remove):
            self.key(key, f'{at}/remove/{number}')
            if key in add:
                self.fail(
                    f'{at}/remove/{number}',
                    f'Key {key!r} is added and removed.',
                    code='change.contradictory',
                )
        whole = None
        if 'set' in ways:
            whole = self.values(ways['set'], f'{at}/set')
        return compute_asked.Metadata(add, remove, whole)

    def _zone(self, found: Members, at: str) -> Any:
        if 'availability_zone' not in found:
            return unset.UNSET
        return self.nullable(found, at, 'availability_zone', self.zone_name)

    def _annotations(self, found: Members, at: str) -> Members:
        """Read those that are there."""
        read = {
            'description': self.nullable(
                found, at, 'description', self.description
            ),
            'owner': self.nullable(found, at, 'owner', self.owner),
            'protected': self.optional(found, at, 'protected', self.flag),
        }
        return {name: value for name, value in read.items() if name in found}

    def _ways(self, value: Any, at: str) -> Members:
        ways = self.object(value, at, _WAYS)
        if 'set' in ways and len(ways) > 1:
            self.fail(at, 'Give either set, or add and remove.')
        return ways

    def _operation(self, value: Any, at: str) -> Operation:
        found = value.get('op', 'update') if isinstance(value, dict) else None
        try:
            return Operation(found)
        except ValueError:
            if isinstance(value, dict):
                self.fail(f'{at}/op', 'It must be create, update or delete.')
            return Operation.UPDATE

    def _reference(self, value: Any, at: str) -> Reference:
        found = self.object(value, at, frozenset(('id', 'uuid', 'name')))
        if value == {}:
            self.fail(at, 'It must have an id, a uuid or a name.')
        return Reference(
            at,
            id=self.optional(found, at, 'id', self._id),
            uuid=self.optional(found, at, 'uuid', self._uuid),
            name=self.optional(found, at, 'name', self._any_name),
        )

    def _id(self, value: Any, at: str) -> int:
        good = isinstance(value, int) and not isinstance(value, bool)
        if not good or value < 1:
            self.fail(at, 'It must be a whole number from 1.')
            return 0
        return int(min(value, _MAX_ID + 1))

    def _uuid(self, value: Any, at: str) -> str:
        return self.match(value, at, references.is_uuid, 'It must be a uuid.')

    def _hostname(self, value: Any, at: str) -> str:
        wanted = 'It must be the name of one host.'
        return self.match(value, at, patterns.is_host, wanted)

    def _change_id(self, value: Any, at: str) -> str:
        wanted = 'It must be the id of a change.'
        return self.match(value, at, feed_queries.is_id, wanted)

    def _any_name(self, value: Any, at: str) -> str:
        """Read a name to look for: another service may have given it."""
        return self.match(value, at, forms.is_basic, 'It must be a text.')


def _renamed(reference: Reference, name: str | None) -> Reference:
    """Let a reference know what name its aggregate is to get."""
    if reference.id is None and reference.uuid is None:
        return reference
    return dataclasses.replace(reference, becomes=name)
