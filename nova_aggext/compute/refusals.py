# SPDX-License-Identifier: Apache-2.0
"""What Nova refuses first, and with which error."""

from collections.abc import Iterable
from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.compute import availability_zones
from nova_aggext.compute import findings
from nova_aggext.compute import requests

# Of what speaks against a use case Nova tells the first in this order. What
# has to be known for a rule is wanted where that rule stands.
_ORDER: tuple[type[findings.Finding], ...] = (
    findings.HostsWanted,
    findings.HostUnknown,
    findings.AggregateUnknown,
    findings.Protected,
    findings.NameTaken,
    findings.HostAbsent,
    findings.ZoneEmpty,
    findings.LocksWanted,
    findings.ZoneConflict,
    findings.CountsWanted,
    findings.ZoneInstances,
    findings.KeysCollide,
    findings.HostPresent,
    findings.NotEmpty,
)
_RANK = {kind: rank for rank, kind in enumerate(_ORDER)}

_OF_RULES: Mapping[str, type[exception.InvalidAggregateAction]] = {
    'add_host_to_aggregate': exception.InvalidAggregateActionAdd,
    'remove_host_from_aggregate': exception.InvalidAggregateActionDelete,
    'update_aggregate': exception.InvalidAggregateActionUpdate,
    'update_aggregate_metadata': exception.InvalidAggregateActionUpdateMeta,
}


def judge(
    request: requests.Request, found: Iterable[findings.Finding]
) -> exception.AggextException | findings.Wanted | None:
    """Give what Nova would find first: an error, or what is to be known."""
    first = min(found, key=lambda one: _RANK[type(one)], default=None)
    if first is None or isinstance(first, findings.WANTED):
        return first
    return _error(first, request.operation)


def _error(
    violation: findings.Violation, operation: str
) -> exception.AggextException:
    match violation:
        case findings.AggregateUnknown(aggregate_id):
            return exception.AggregateNotFound(aggregate_id=aggregate_id)
        case findings.Protected(aggregate):
            return exception.AggregateProtected(aggregate_id=aggregate.id)
        case findings.HostUnknown(_, host):
            return exception.ComputeHostNotFound(host=host)
        case findings.NameTaken(_, name):
            return exception.AggregateNameExists(aggregate_name=name)
        case findings.HostPresent(aggregate, host):
            return exception.AggregateHostExists(
                aggregate_id=aggregate.id, host=host
            )
        case findings.HostAbsent(aggregate, host):
            return exception.AggregateHostNotFound(
                aggregate_id=aggregate.id, host=host
            )
        case findings.KeysCollide(aggregate, key, present):
            return exception.AggregateMetadataKeyExists(
                aggregate_id=aggregate and aggregate.id,
                key=key,
                present=present,
            )
        case findings.NotEmpty(aggregate):
            return exception.InvalidAggregateActionDelete(
                action='delete',
                aggregate_id=aggregate.id,
                reason='it is not empty',
            )
    return _of_rule(violation, _OF_RULES[operation])


def _of_rule(
    violation: findings.ZoneEmpty
    | findings.ZoneConflict
    | findings.ZoneInstances,
    refusal: type[exception.InvalidAggregateAction],
) -> exception.InvalidAggregateAction:
    match violation:
        case findings.ZoneEmpty():
            reason = 'the zone must not be empty'
        case findings.ZoneConflict(host=host, others=others):
            zones = availability_zones.describe(others)
            reason = f'host {host} is in zone {zones}'
        case findings.ZoneInstances(host=host):
            reason = f'host {host} has instances, whose zone would change'
    return refusal(
        action=refusal.verb,
        aggregate_id=violation.aggregate and violation.aggregate.id,
        reason=reason,
    )
