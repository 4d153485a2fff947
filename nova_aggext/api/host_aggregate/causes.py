# SPDX-License-Identifier: Apache-2.0
"""Why a change was refused, in the words and members of the API."""

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from nova_aggext.api.host_aggregate import errors
from nova_aggext.compute import availability_zones
from nova_aggext.compute import findings
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.managers import conflicts
from nova_aggext.compute.managers import drift
from nova_aggext.db import records


# Gives those of some aggregates that the caller may see.
Sees = Callable[[Iterable[int]], frozenset[int]]


def refused(error: problems.ChangeRefused, sees: Sees) -> errors.Refused:
    """Give the answer to a change that was refused.

    :param sees: what it tells of other aggregates is of these alone
    """
    seen = sees({one for told in error.problems for one in _others(told)})
    return errors.Refused(
        error.status, [_told(_seen(one, seen)) for one in error.problems]
    )


def _others(problem: problems.Problem) -> Iterator[int]:
    """Give the aggregates of which a problem tells more than it was asked."""
    match problem.cause:
        case findings.ZoneConflict(others=others):
            # One that is to be made has a number that is none.
            yield from (one for one in others if one > 0)
        case problems.EtagMismatch(aggregate=aggregate):
            yield aggregate.id


def _seen(problem: problems.Problem, seen: frozenset[int]) -> problems.Problem:
    match problem.cause:
        case findings.ZoneConflict(others=others) as cause:
            left = {
                one: zone
                for one, zone in others.items()
                if one <= 0 or one in seen
            }
            cause = dataclasses.replace(cause, others=left)
            return dataclasses.replace(problem, cause=cause)
        case problems.EtagMismatch(aggregate=aggregate) as mismatch:
            if aggregate.id not in seen:
                mismatch = dataclasses.replace(mismatch, found=None)
                return dataclasses.replace(problem, cause=mismatch)
    return problem


def _told(problem: problems.Problem) -> errors.Problem:
    cause = problem.cause
    told = _of_request(cause) or _of_managers(cause) or _of_rule(cause)
    code, detail, members = told
    if problem.place is not None:
        members = {**members, 'path': problem.place}
    return errors.problem(code, detail, **members)


Told = tuple[str, str, dict[str, Any]]


def _of_request(cause: problems.Cause) -> Told | None:
    """Tell of what lies in the request, or in what it names."""
    match cause:
        case resolution.Unknown():
            detail = 'There is no aggregate that is all of this.'
            return 'aggregate.unknown', detail, {}
        case resolution.Contradiction(other=other, what=what):
            detail = f'It speaks of {what}, as {other} does.'
            return 'change.contradictory', detail, {'other': other}
        case problems.ChangeUnknown(change=change):
            detail = f'There is no change {change}.'
            return 'change.unknown', detail, {'change': change}
        case problems.LimitExceeded(what, most):
            detail = f'It asks for more than {what} allows, {most}.'
            members = {'limit': what, 'maximum': most}
            return 'limit.exceeded', detail, members
        case problems.EtagMismatch(aggregate, found):
            detail = f'Aggregate {aggregate.id} has etag {found or "another"}.'
            members = {**_named(aggregate), 'etag': found}
            return 'etag.mismatch', detail, members
        case problems.HostEtagMismatch(host, found):
            detail = f'Host {host} has etag {found}.'
            return 'etag.mismatch', detail, {'host': host, 'etag': found}
        case problems.HostsCollide(aggregate, host, present):
            detail = f'{host!r} and {present!r} compare equal.'
            members = {**_named(aggregate), 'host': host, 'present': present}
            return 'membership.unexpected', detail, members
        case problems.ManagerMismatch(manager, found):
            detail = (
                f'Manager {manager} is not there.'
                if found is None
                else f'The document of manager {manager} has etag {found}.'
            )
            members = {'manager': manager, 'etag': found}
            return 'etag.mismatch', detail, members
        case problems.PlanStale(found):
            detail = f'The effects have digest {found} now.'
            return 'plan.stale', detail, {'digest': found}
        case problems.UuidTaken(uuid):
            detail = f'There is an aggregate with uuid {uuid}.'
            return 'uuid.taken', detail, {'uuid': uuid}
        case problems.IdReused(change):
            detail = f'Change {change} was another one, or of somebody else.'
            return 'change.id_reused', detail, {'change': change}
        case problems.Overtaken(name, field, by):
            detail = f'{field} of {name} is not what the change left.'
            members = {'name': name, 'field': field, 'changes': list(by)}
            return 'revert.overtaken', detail, members
    return None


def _of_managers(cause: problems.Cause) -> Told | None:
    """Tell of what a manager and others do not agree about."""
    match cause:
        case conflicts.Conflict(aggregate, manager, field, theirs, yours):
            detail = (
                f'Manager {manager} claims {field} of aggregate '
                f'{aggregate.name} otherwise.'
            )
            members = {
                **_named(aggregate),
                'manager': manager,
                'field': field,
                'theirs': theirs,
                'yours': yours,
            }
            return 'manager.conflict', detail, members
        case drift.Drift(aggregate, field, expected, found, change):
            detail = (
                f'Somebody has changed {field} of aggregate {aggregate.name}.'
            )
            members = {
                **_named(aggregate),
                'field': field,
                'expected': expected,
                'found': found,
                'change': change,
            }
            return 'manager.drift', detail, members
    return None


def _of_rule(cause: problems.Cause) -> Told:
    """Tell of a rule that was broken."""
    match cause:
        case findings.Protected():
            return _protected(cause)
        case findings.HostUnknown(_, host):
            return 'host.unknown', f'There is no host {host}.', {'host': host}
        case findings.NameTaken(aggregate, name):
            detail = f'Another aggregate has the name {name}.'
            return 'name.taken', detail, {**_named(aggregate), 'name': name}
        case findings.KeysCollide(aggregate, key, present):
            detail = f'{key!r} and {present!r} compare equal.'
            members = {**_named(aggregate), 'key': key, 'present': present}
            return 'metadata.collision', detail, members
        case findings.NotEmpty(aggregate):
            detail = f'Aggregate {aggregate.name} would still have hosts.'
            return 'aggregate.not_empty', detail, _named(aggregate)
        case findings.HostPresent(aggregate, host):
            detail = f'Host {host} is in aggregate {aggregate.name} already.'
            members = {**_named(aggregate), 'host': host, 'expected': False}
            return 'membership.unexpected', detail, members
        case findings.HostAbsent(aggregate, host):
            detail = f'Host {host} is not in aggregate {aggregate.name}.'
            members = {**_named(aggregate), 'host': host, 'expected': True}
            return 'membership.unexpected', detail, members
        case findings.ZoneConflict():
            return _conflict(cause)
        case findings.ZoneInstances():
            return _instances(cause)
    raise TypeError(f'nobody tells of {cause!r}')


def _protected(cause: findings.Protected) -> Told:
    fields = ', '.join(cause.fields) or 'all but its hosts'
    detail = (
        f'Aggregate {cause.aggregate.name} is protected, so that '
        f'{fields} must stay. A change of its own may first set protected '
        'to false.'
    )
    members = {**_named(cause.aggregate), 'fields': list(cause.fields)}
    return 'aggregate.protected', detail, members


def _conflict(cause: findings.ZoneConflict) -> Told:
    others = availability_zones.describe(cause.others) or 'another zone'
    members = {
        **_named(cause.aggregate),
        'host': cause.host,
        'availability_zone': cause.zone,
        'others': [
            {'aggregate_id': one if one > 0 else None, 'zone': zone}
            for one, zone in cause.others.items()
        ],
    }
    detail = f'Host {cause.host} would be in {cause.zone} and in {others}.'
    return 'zone.conflict', detail, members


def _instances(cause: findings.ZoneInstances) -> Told:
    members = {
        **_named(cause.aggregate),
        'host': cause.host,
        'zone_before': cause.before,
        'zone_after': cause.after,
        'instances': cause.instances,
    }
    detail = (
        f'Host {cause.host} has {cause.instances} instances and would move '
        f'from {cause.before} to {cause.after}.'
    )
    return 'zone.instances', detail, members


def _named(one: records.Aggregate | None) -> dict[str, Any]:
    if one is None:
        return {}
    return {'aggregate': {'id': one.id, 'uuid': one.uuid, 'name': one.name}}
