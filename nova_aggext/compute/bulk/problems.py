# SPDX-License-Identifier: Apache-2.0
"""Why a change of many is refused: every finding, and where it was asked for.

Pure functions. All problems of one answer have one status: 400 before 403
before 412 before 409.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TypeAlias

from nova_aggext import exception
from nova_aggext.compute import change as compute_change
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute import etags
from nova_aggext.compute import findings
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.managers import conflicts
from nova_aggext.compute.managers import drift
from nova_aggext.db import collation
from nova_aggext.db import records

Aggregate = records.Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class HostsCollide:
    """An aggregate would have hosts that its database takes for one.

    :ivar aggregate: None of one that is to be made
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    host: str
    present: str
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeUnknown:
    """A change to undo is not there."""

    place: str
    change: str


@dataclasses.dataclass(frozen=True, slots=True)
class LimitExceeded:
    """More is asked for at once than may be.

    :ivar what: the name of the limit
    """

    what: str
    limit: int


@dataclasses.dataclass(frozen=True, slots=True)
class EtagMismatch:
    """An aggregate is not what the caller has read.

    :ivar found: the tag that it has; None where nobody may know
    """

    aggregate: Aggregate
    found: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class HostEtagMismatch:
    """A host is not what the caller has read.

    :ivar found: the tag that it has
    """

    host: str
    found: str


@dataclasses.dataclass(frozen=True, slots=True)
class ManagerMismatch:
    """The document of a manager is not what the caller has read.

    :ivar found: the tag that it has; None if there is none
    """

    manager: str
    found: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class PlanStale:
    """The effects are not those that were planned.

    :ivar found: the digest of what would happen now
    """

    found: str


@dataclasses.dataclass(frozen=True, slots=True)
class UuidTaken:
    """An aggregate that is to be made has the uuid of one that there is."""

    uuid: str


@dataclasses.dataclass(frozen=True, slots=True)
class IdReused:
    """The id of the request is that of another one."""

    change: str


@dataclasses.dataclass(frozen=True, slots=True)
class Overtaken:
    """What is to be undone was changed since.

    :ivar aggregate: as the undone change named it
    :ivar field: what of it is not what that change left
    :ivar by: later changes of the aggregate, as far as they are recorded
    """

    aggregate: str
    field: str
    by: tuple[str, ...]


Cause: TypeAlias = (
    findings.Violation
    | resolution.Problem
    | HostsCollide
    | ChangeUnknown
    | LimitExceeded
    | EtagMismatch
    | HostEtagMismatch
    | ManagerMismatch
    | conflicts.Conflict
    | drift.Drift
    | PlanStale
    | UuidTaken
    | IdReused
    | Overtaken
)

_STATUS_OF: dict[type[object], int] = {
    resolution.Unknown: 400,
    resolution.Contradiction: 400,
    ChangeUnknown: 400,
    LimitExceeded: 400,
    findings.AggregateUnknown: 400,
    findings.HostUnknown: 400,
    findings.KeysCollide: 400,
    findings.Protected: 403,
    EtagMismatch: 412,
    HostEtagMismatch: 412,
    ManagerMismatch: 412,
    PlanStale: 412,
}
CONFLICT = 409
_ORDER = (400, 403, 412, CONFLICT)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One reason, and the JSON pointer of what asked for it."""

    cause: Cause
    place: str | None

    @property
    def status(self) -> int:
        """The status of an answer that tells it."""
        return _STATUS_OF.get(type(self.cause), CONFLICT)


class ChangeRefused(exception.AggextException):
    """A change of many is refused; nothing of it was done.

    :ivar problems: all of the first status, in the order of the request
    :ivar status: that of an answer that tells them
    """

    code = CONFLICT
    msg_fmt = 'The change is refused.'

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        """Take all that speaks against it."""
        super().__init__()
        every = list(problems)
        found = [one.status for one in every]
        self.status = min(found, key=_ORDER.index, default=CONFLICT)
        told = [one for one in every if one.status == self.status]
        self.problems = tuple(sorted(told, key=_in_request))

    def __str__(self) -> str:
        names = [type(one.cause).__name__ for one in self.problems]
        return ' '.join((self.msg_fmt, *dict.fromkeys(names)))


def _in_request(problem: Problem) -> list[tuple[int, str]]:
    """Give where a problem stands among those of the request."""
    parts = (problem.place or '').split('/')
    return [
        (int(part), '') if part.isascii() and part.isdigit() else (-1, part)
        for part in parts
    ]


def of_resolution(found: resolution.Resolution) -> list[Problem]:
    """Give what is wrong with the request by itself."""
    return [Problem(one, one.place) for one in found.problems]


def of_findings(
    found: Iterable[findings.Finding], resolved: resolution.Resolution
) -> Iterator[Problem]:
    """Give what the rules have found, but for what has to be known first."""
    for one in found:
        if not isinstance(one, findings.WANTED):
            yield Problem(one, _place(one, resolved))


def of_etags(
    asked: compute_asked.Asked, picture: resolution.Picture
) -> Iterator[Problem]:
    """Give the aggregates that are not what the caller has read."""
    for item in asked.aggregates:
        one = item.reference and picture.find(item.reference)
        if not one or item.if_match is None:
            continue
        found = etags.etag(one)
        if found != item.if_match:
            yield Problem(EtagMismatch(one, found), f'{item.place}/if_match')


def of_host_etags(
    asked: compute_asked.Asked, tags: Mapping[str, str]
) -> Iterator[Problem]:
    """Give the hosts that are not what the caller has read.

    :param tags: that they have
    """
    for item in asked.hosts:
        if item.if_match not in (None, tags.get(item.host)):
            cause = HostEtagMismatch(item.host, tags[item.host])
            yield Problem(cause, f'{item.place}/if_match')


def of_hosts(
    changes: Iterable[compute_change.Change], resolved: resolution.Resolution
) -> Iterator[Problem]:
    """Give hosts that differ in case, or in accents, alone.

    To be asked where the database keeps only one of them.
    """
    for change in changes:
        if change.after is None or not change.item.add:
            continue
        present: dict[str, str] = {}
        for host in change.after.hosts:
            other = present.setdefault(collation.fold(host), host)
            if other != host:
                key = change.item.key
                collide = HostsCollide(change.before, host, other, key)
                yield Problem(collide, _place(collide, resolved))


def of_uuids(
    asked: compute_asked.Asked, picture: resolution.Picture
) -> Iterator[Problem]:
    """Give the aggregates to be made whose uuids there are already."""
    present = {one.uuid for one in picture.aggregates.values()}
    for item in asked.aggregates:
        if item.uuid is not None and item.uuid in present:
            yield Problem(UuidTaken(item.uuid), f'{item.place}/uuid')


def _place(
    finding: findings.Violation | HostsCollide, resolved: resolution.Resolution
) -> str | None:
    """Find what asked for what is found."""
    one = getattr(finding, 'aggregate', None)
    host = getattr(finding, 'host', '')
    key = one.id if one is not None else getattr(finding, 'made', None)
    if key is None:
        return None
    return resolved.of_hosts.get((key, host), resolved.places.get(key))
