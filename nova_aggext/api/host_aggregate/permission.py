# SPDX-License-Identifier: Apache-2.0
"""What a change needs to be allowed: the rule of every single operation.

Rules are asked for all that a change names, whether or not it will have an
effect, so that nobody learns anything by trying.
"""

from collections.abc import Iterable
from collections.abc import Iterator

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext import context
from nova_aggext import exception
from nova_aggext.api.host_aggregate import errors
from nova_aggext.compute import unset
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import records
from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies

AggregateItem = compute_asked.AggregateItem
HostItem = compute_asked.HostItem
Operation = compute_asked.Operation

_WRITING = (
    policies.CREATE,
    policies.UPDATE,
    policies.DELETE,
    policies.SET_METADATA,
    policies.ADD_HOST,
    policies.REMOVE_HOST,
    own_policies.ANNOTATE,
    own_policies.PROTECT,
)

# A rule, the aggregate that it is asked of, and where that was asked for.
Need = tuple[str, records.Aggregate | None, str]


def require(
    who: context.RequestContext,
    asked: compute_asked.Asked,
    picture: resolution.Picture,
) -> None:
    """Let pass what the policy allows in every part.

    :raises Refused: with each operation that it does not
    """
    if asked.revert is not None and not asked.aggregates:
        _require_any(who)
    refused = [
        _forbidden(who, rule, one, place)
        for rule, one, place in needs(asked, picture)
        if not _may(who, rule, one)
    ]
    if refused:
        once = {repr(problem): problem for problem in refused}
        raise errors.Refused(403, once.values())


def require_each(
    who: context.RequestContext, needed: Iterable[tuple[str, str]]
) -> None:
    """Let pass what rules on no aggregate allow.

    :param needed: rules, and where what they are about was asked for
    :raises Refused: with each that does not
    """
    refused = [
        _forbidden(who, rule, None, place)
        for rule, place in needed
        if not _may(who, rule, None)
    ]
    if refused:
        raise errors.Refused(403, refused)


def _may(
    who: context.RequestContext, rule: str, one: records.Aggregate | None
) -> bool:
    try:
        who.can(rule, target(one))
    except exception.PolicyNotAuthorized:
        return False
    return True


def _require_any(who: context.RequestContext) -> None:
    """Let pass who may change anything: nothing is known to be named."""
    if not any(_may(who, rule, None) for rule in _WRITING):
        raise errors.Refused(
            403, [_forbidden(who, policies.UPDATE, None, '/change/revert')]
        )


def target(one: records.Aggregate | None) -> dict[str, str | None]:
    """Give what rules may look at of an aggregate; nothing of none."""
    if one is None:
        return {}
    return {
        'aggregate.name': one.name,
        'aggregate.availability_zone': one.availability_zone,
    }


def needs(
    asked: compute_asked.Asked, picture: resolution.Picture
) -> Iterator[Need]:
    """Give all that a change names."""
    for item in asked.aggregates:
        one = picture.find(item.reference) if item.reference else None
        rules = list(_of_aggregate(item)) or [own_policies.AGGREGATES_SHOW]
        yield from ((rule, one, item.place) for rule in rules)
    for host in asked.hosts:
        yield from _of_host(host, picture)


def _of_aggregate(item: AggregateItem) -> Iterator[str]:
    if item.operation is Operation.CREATE:
        yield policies.CREATE
    elif item.operation is Operation.DELETE:
        yield policies.DELETE
    elif item.name is not None or item.zone is not unset.UNSET:
        yield policies.UPDATE
    if item.metadata is not None:
        yield policies.SET_METADATA
    if item.description is not unset.UNSET:
        yield own_policies.ANNOTATE
    if item.owner is not unset.UNSET or item.protected is not unset.UNSET:
        yield own_policies.PROTECT
    hosts = item.hosts
    if hosts is None:
        return
    if hosts.add or hosts.whole is not None:
        yield policies.ADD_HOST
    if hosts.remove or hosts.whole is not None:
        yield policies.REMOVE_HOST


def _of_host(item: HostItem, picture: resolution.Picture) -> Iterator[Need]:
    for references, rule in (
        (item.add, policies.ADD_HOST),
        (item.remove, policies.REMOVE_HOST),
        (item.whole or (), policies.ADD_HOST),
    ):
        for reference in references:
            yield rule, picture.find(reference), reference.place
    if item.whole is None:
        if not item.add and not item.remove:
            yield own_policies.HOSTS_SHOW, None, item.place
        return
    named = (picture.find(one) for one in item.whole)
    kept = {one.id for one in named if one is not None}
    for one in picture.aggregates.values():
        if item.host in one.hosts and one.id not in kept:
            yield policies.REMOVE_HOST, one, item.place
    yield policies.REMOVE_HOST, None, item.place


def _forbidden(
    who: context.RequestContext,
    rule: str,
    one: records.Aggregate | None,
    place: str,
) -> errors.Problem:
    """Tell what is not allowed, and of which aggregate, to who may see it."""
    named = {}
    if one is not None and _may(who, own_policies.AGGREGATES_SHOW, one):
        named = {
            'aggregate': {'id': one.id, 'uuid': one.uuid, 'name': one.name}
        }
    return errors.problem(
        'forbidden',
        f'The policy does not allow {rule}.',
        rule=rule,
        path=place,
        **named,
    )
