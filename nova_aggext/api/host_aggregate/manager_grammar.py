# SPDX-License-Identifier: Apache-2.0
"""The grammar of what a manager wants: everything but what is read.

What is wrong is said of the place where it stands, as a JSON Pointer.
"""

import re
from collections.abc import Mapping
from typing import Any

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import parts
from nova_aggext.compute import limits as compute_limits
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.managers import desired
from nova_aggext.compute.managers import fields
from nova_aggext.compute.managers import orders

AT = '/manager'

_NAME = re.compile(r'[a-z0-9][a-z0-9._-]{0,62}')
_MANAGER = frozenset(
    (
        'description',
        'reason',
        'prune',
        'force',
        'on_drift',
        'unknown_hosts',
        'expect_digest',
        'aggregates',
    )
)
# Of one request; what is stored has none of these.
_PASSING = frozenset(('reason', 'force', 'expect_digest'))
_ABSENT = frozenset(('name', 'state'))
_AGGREGATE = _ABSENT | {
    'availability_zone',
    'description',
    'owner',
    'protected',
    'hosts',
    'metadata',
    'exclusive',
}


def is_name(text: str) -> bool:
    """Say whether a text can be the name of a manager."""
    return _NAME.fullmatch(text) is not None


def parse(
    name: str,
    body: Any,
    limits: compute_limits.Limits,
    conditions: orders.Conditions,
) -> tuple[orders.Application, compute_asked.Asked]:
    """Read what a manager wants, and how that is to be applied.

    :raises Refused: with all that is wrong
    """
    reader = _Reader(limits)
    wanted, asked = reader.manager(name, body)
    if reader.problems:
        raise errors.Refused(400, reader.problems)
    sent: Mapping[str, Any] = body['manager']
    kept = {key: one for key, one in sent.items() if key not in _PASSING}
    return orders.Application(name, wanted, kept, conditions), asked


class _Reader(parts.Reader):
    """Reads a document, and counts how much it asks for."""

    def manager(
        self, name: str, body: Any
    ) -> tuple[desired.Document, compute_asked.Asked]:
        """Read all of it."""
        outer = self.object(body, '', frozenset(('manager',)), ('manager',))
        found = self.object(
            outer.get('manager'), AT, _MANAGER, ('aggregates',)
        )
        entries = self.items(found, AT, 'aggregates', self._entry)
        self._once(entries)
        most = self.limits.aggregates_per_change
        if len(entries) > most:
            self.exceeded(f'{AT}/aggregates', 'aggregates_per_change', most)
        self.nullable(found, AT, 'description', self.description)
        drift = self.optional(found, AT, 'on_drift', self._on_drift)
        unknown = self.optional(found, AT, 'unknown_hosts', self.choice)
        wanted = desired.Document(
            AT,
            tuple(entries),
            prune=bool(self.optional(found, AT, 'prune', self.flag)),
            force=bool(self.optional(found, AT, 'force', self.flag)),
            refuses_drift=drift == 'refuse',
        )
        asked = compute_asked.Asked(
            skip_unknown=unknown == 'skip',
            expect_digest=self.nullable(found, AT, 'expect_digest', self.tag),
            reason=self.nullable(found, AT, 'reason', self.reason),
            manager=name,
            place=AT,
        )
        return wanted, asked

    def _entry(self, value: Any, at: str) -> desired.Wanted:
        state = value.get('state', 'present') if _is_object(value) else None
        is_absent = state == 'absent'
        if _is_object(value) and state not in ('present', 'absent'):
            self.fail(f'{at}/state', 'It must be present or absent.')
        allowed = _ABSENT if is_absent else _AGGREGATE
        found = self.object(value, at, allowed, ('name',))
        exclusive = self.items(found, at, 'exclusive', self._collection)
        return desired.Wanted(
            at,
            self.optional(found, at, 'name', self.name) or '',
            self._scalars(found, at),
            self.expanded(found, at, 'hosts'),
            self.optional(found, at, 'metadata', self._metadata) or {},
            frozenset(exclusive),
            is_absent,
        )

    def _scalars(
        self, found: parts.Members, at: str
    ) -> dict[str, fields.Value]:
        values: dict[str, fields.Value] = {}
        for name, read in (
            ('availability_zone', self.zone_name),
            ('description', self.description),
            ('owner', self.owner),
        ):
            if name in found:
                values[name] = self.nullable(found, at, name, read)
        if 'protected' in found:
            values['protected'] = self.flag(
                found['protected'], f'{at}/protected'
            )
        return values

    def _metadata(self, value: Any, at: str) -> dict[str, str | None]:
        if not isinstance(value, dict):
            self.fail(at, 'It must be an object.')
            return {}
        gone = {key: one for key, one in value.items() if one is None}
        there = {key: one for key, one in value.items() if one is not None}
        for key in gone:
            self.key(key, f'{at}{errors.pointer([key])}')
        return {**self.values(there, at), **gone}

    def _collection(self, value: Any, at: str) -> str:
        wanted = f'It must be {" or ".join(fields.COLLECTIONS)}.'
        return self.match(
            value, at, lambda text: text in fields.COLLECTIONS, wanted
        )

    def _on_drift(self, value: Any, at: str) -> str:
        wanted = 'It must be overwrite or refuse.'
        return self.match(
            value, at, lambda text: text in ('overwrite', 'refuse'), wanted
        )

    def _once(self, entries: list[desired.Wanted]) -> None:
        """Refuse what speaks of one name twice."""
        places: dict[str, str] = {}
        for one in entries:
            other = places.setdefault(one.name, one.place)
            if other != one.place and one.name:
                self.fail(
                    f'{one.place}/name',
                    f'It speaks of aggregate {one.name}, as {other} does.',
                    code='change.contradictory',
                    other=other,
                )


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
