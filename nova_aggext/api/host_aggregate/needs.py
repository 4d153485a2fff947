# SPDX-License-Identifier: Apache-2.0
"""The rules that a change is asked under: one or more for all that it names.

Each is asked about an aggregate as it is before, or as it is to be made.
"""

import dataclasses
from collections.abc import Iterator

from nova_aggext.api import permission
from nova_aggext.compute import unset
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import records
from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies

Aggregate = records.Aggregate
AggregateItem = compute_asked.AggregateItem
Asked = compute_asked.Asked
HostItem = compute_asked.HostItem
Operation = compute_asked.Operation
Picture = resolution.Picture
Target = permission.Target


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """A rule that has to let pass.

    :ivar one: the aggregate; None of one that is not there
    :ivar place: where it is asked for
    :ivar target: what the rule may look at
    :ivar is_named: whether the change names the aggregate
    """

    rule: str
    one: Aggregate | None
    place: str
    target: Target
    is_named: bool = True


def of(asked: Asked, picture: Picture, members: Picture) -> Iterator[Need]:
    """Give what a change needs.

    :param picture: in which it finds what it names
    :param members: all aggregates of the hosts that it moves as a whole
    """
    for item in asked.aggregates:
        yield from _of_aggregate(item, picture)
    for host in asked.hosts:
        yield from _of_host(host, picture)
        if host.whole is not None:
            yield from _of_left(host, members)


def _need(rule: str, one: Aggregate | None, place: str) -> Need:
    return Need(rule, one, place, permission.target(one))


def _of_aggregate(item: AggregateItem, picture: Picture) -> Iterator[Need]:
    one = picture.find(item.reference) if item.reference else None
    target = permission.target(one)
    if item.operation is Operation.CREATE:
        target = _target_of(item)
    rules = [*_rules(item)]
    if not rules and item.owner is unset.UNSET:
        rules = [own_policies.AGGREGATES_SHOW]
    for rule in rules:
        yield Need(rule, one, item.place, target)
    if item.owner is not unset.UNSET:
        yield from _of_owner(item, item.owner, one, target)


def _rules(item: AggregateItem) -> Iterator[str]:
    """Give what is asked of the aggregate as it is, or is to be made."""
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
    if item.protected is not unset.UNSET:
        yield own_policies.PROTECT
    hosts = item.hosts
    if hosts is None:
        return
    if hosts.add or hosts.whole is not None:
        yield policies.ADD_HOST
    if hosts.remove or hosts.whole is not None:
        yield policies.REMOVE_HOST


def _of_owner(
    item: AggregateItem, owner: str | None, one: Aggregate | None, now: Target
) -> Iterator[Need]:
    """Ask of whose it is, and of whose it shall be."""
    rule = own_policies.PROTECT
    yield Need(rule, one, item.place, now)
    if item.operation is not Operation.CREATE:
        then = permission.of_owner(owner)
        if one is not None:
            given = dataclasses.replace(one, owner=owner)
            then = permission.target(given)
        yield Need(rule, one, item.place, then)


def _target_of(item: AggregateItem) -> Target:
    """Give what rules may look at of an aggregate that is to be made."""
    return permission.target_of(
        item.name or '',
        None if item.zone is unset.UNSET else item.zone,
        None if item.owner is unset.UNSET else item.owner,
        protected=item.protected is True,
    )


def _of_host(item: HostItem, picture: Picture) -> Iterator[Need]:
    for references, rule in (
        (item.add, policies.ADD_HOST),
        (item.remove, policies.REMOVE_HOST),
        (item.whole or (), policies.ADD_HOST),
    ):
        for reference in references:
            yield _need(rule, picture.find(reference), reference.place)
    if item.whole is not None:
        # Whether or not it is in any other.
        yield _need(policies.REMOVE_HOST, None, item.place)
    elif not item.add and not item.remove:
        yield _need(own_policies.HOSTS_SHOW, None, item.place)


def _of_left(item: HostItem, members: Picture) -> Iterator[Need]:
    """Ask of the aggregates that a host leaves as they are not named."""
    named = (members.find(one) for one in item.whole or ())
    kept = {one.id for one in named if one is not None}
    for one in members.aggregates.values():
        if item.host in one.hosts and one.id not in kept:
            need = _need(policies.REMOVE_HOST, one, item.place)
            yield dataclasses.replace(need, is_named=False)
