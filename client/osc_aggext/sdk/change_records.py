# SPDX-License-Identifier: Apache-2.0
"""Changes and managers as the server shows them."""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from osc_aggext.sdk import records

# What of an effect is one value; null where there is none any more.
SCALARS = (
    'name',
    'availability_zone',
    'description',
    'owner',
    'protected',
)


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to an aggregate.

    :ivar aggregate: as it was called before; in the plan of a new one it may
        have no id
    :ivar values: what becomes of its scalars, by name
    :ivar before: what was there instead; metadata is an object in it
    :ivar etag: None after a delete, and in the plan of a new one
    """

    op: str
    aggregate: records.Reference
    values: Mapping[str, Any]
    hosts_added: tuple[str, ...]
    hosts_removed: tuple[str, ...]
    metadata_added: Mapping[str, str]
    metadata_removed: tuple[str, ...]
    before: Mapping[str, Any]
    etag: str | None
    etag_before: str | None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Effect':
        """Read one that a server shows."""
        hosts, metadata = shown.get('hosts', {}), shown.get('metadata', {})
        known = shown.get('aggregate') or {'name': shown.get('name', '')}
        return cls(
            op=shown['op'],
            aggregate=records.Reference(
                known.get('id'), known.get('uuid'), known['name']
            ),
            values={name: shown[name] for name in SCALARS if name in shown},
            hosts_added=tuple(hosts.get('add', ())),
            hosts_removed=tuple(hosts.get('remove', ())),
            metadata_added=dict(metadata.get('add', {})),
            metadata_removed=tuple(metadata.get('remove', ())),
            before=dict(shown.get('before') or {}),
            etag=shown.get('etag'),
            etag_before=shown.get('etag_before'),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Warned:
    """Something to think of.

    :ivar code: without the prefix ``host-aggregate.``
    :ivar members: everything that the server said of it
    """

    code: str
    detail: str
    members: Mapping[str, Any]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Warned':
        """Read one that a server shows."""
        code = shown['code'].removeprefix('host-aggregate.')
        return cls(code, shown.get('detail', ''), dict(shown))


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A change, or the plan of one.

    :ivar id: None of a plan, and where nothing had to be changed
    :ivar position: in the feed; None until it has one
    :ivar digest: of the effects: the ``expect_digest`` of who wants those
    :ivar delivery: ``pending``, ``done`` or ``parked``; None of a plan
    :ivar document: as the server showed it
    """

    id: str | None
    effects: tuple[Effect, ...]
    warnings: tuple[Warned, ...]
    impact: Mapping[str, Any] | None
    document: Mapping[str, Any] = dataclasses.field(repr=False)
    kind: str | None = None
    dry_run: bool | None = None
    changed: bool | None = None
    position: str | None = None
    digest: str | None = None
    reason: str | None = None
    manager: str | None = None
    reverts: str | None = None
    reverted_by: str | None = None
    user_id: str | None = None
    project_id: str | None = None
    request_id: str | None = None
    global_request_id: str | None = None
    changed_at: str | None = None
    delivery: str | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Change':
        """Read one that a server shows."""
        known = records.known(cls, shown)
        known['effects'] = _each(Effect.of, shown.get('effects'))
        known['warnings'] = _each(Warned.of, shown.get('warnings'))
        known['impact'] = shown.get('impact')
        known['document'] = dict(shown)
        return cls(**known)


@dataclasses.dataclass(frozen=True, slots=True)
class Manager:
    """A manager of aggregates.

    :ivar document: what it applied last; None in lists
    :ivar etag: of that, to be sent as ``if_match``
    :ivar change: id of the change that it made last, if any did
    """

    name: str
    description: str | None = None
    document: Mapping[str, Any] | None = None
    etag: str | None = None
    applied_at: str | None = None
    user_id: str | None = None
    project_id: str | None = None
    change: str | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> 'Manager':
        """Read one that a server shows."""
        return cls(**records.known(cls, shown))


@dataclasses.dataclass(frozen=True, slots=True)
class Applied:
    """What applying a document did, or would do."""

    manager: Manager
    change: Change

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> 'Applied':
        """Read an answer."""
        return cls(Manager.of(body['manager']), Change.of(body['change']))


def _each(read: Any, shown: Sequence[Any] | None) -> tuple[Any, ...]:
    return tuple(read(one) for one in shown or ())
