# SPDX-License-Identifier: Apache-2.0
"""Asks the policy about aggregates, whichever API they are reached by.

An aggregate that somebody may not see, and may not do what he asks with, is
answered as one that is not there.
"""

import contextlib
import functools
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.db import records
from nova_aggext.policies import aggregates as policies

Aggregate = records.Aggregate
Target = Mapping[str, Any]

# Gives an aggregate, with its annotations if it is told so; raises one of
# those below when there is none.
Find = Callable[[bool], Aggregate]
_NOWHERE = (exception.AggregateNotFound, exception.InvalidAggregateId)

# What a token that has no project compares equal with, as rules compare
# texts: a project of that name owns nothing.
_NO_PROJECT = str(None)


def target(one: Aggregate | None) -> Target:
    """Give what rules may look at of an aggregate; nothing of none."""
    if one is None:
        return context.NOTHING
    return target_of(
        one.name, one.availability_zone, one.owner, protected=one.protected
    )


def target_of(
    name: str,
    zone: str | None,
    owner: str | None = None,
    *,
    protected: bool = False,
) -> Target:
    """Give what rules may look at of an aggregate that is to be made."""
    return {
        'aggregate.name': name,
        'aggregate.availability_zone': zone,
        'aggregate.protected': protected,
        **of_owner(owner),
    }


def of_owner(owner: str | None) -> Target:
    """Give what rules may look at of all that somebody owns.

    For oslo.policy a ``project_id`` of None is the project of whoever has
    none, so that what nobody owns must have none at all.
    """
    if not owner or owner == _NO_PROJECT:
        return context.NOTHING
    return {'project_id': owner, 'aggregate.owner': owner}


def may(
    who: context.RequestContext, rule: str, of: Target = context.NOTHING
) -> bool:
    """Say whether somebody may do a thing."""
    try:
        who.can(rule, of)
    except exception.PolicyNotAuthorized:
        return False
    return True


def may_own(who: context.RequestContext, rule: str) -> bool:
    """Say whether somebody may do a thing with what his project owns."""
    own = of_owner(who.project_id)
    return bool(own) and may(who, rule, own)


def owner(who: context.RequestContext, rule: str) -> str | None:
    """Give whose aggregates somebody may list; None: all.

    :raises PolicyNotAuthorized: when he may list none
    """
    if may(who, rule):
        return None
    if may_own(who, rule):
        return who.project_id
    raise exception.PolicyNotAuthorized(action=rule)


def show(
    who: context.RequestContext, rule: str, find: Find, named: int | str
) -> Aggregate:
    """Find an aggregate for who may see it.

    It is read once, so that what is shown is what was asked about.

    :param named: the id by which he asks for it
    :raises PolicyNotAuthorized: when he may see none
    :raises AggregateNotFound: for one that he may not see, as for one that
        is not there
    """
    if not who.looks_at_target(rule):
        who.can(rule)
        return find(False)
    try:
        found = find(True)
    except _NOWHERE:
        owner(who, rule)
        raise
    if may(who, rule, target(found)):
        return found
    owner(who, rule)
    raise exception.AggregateNotFound(aggregate_id=named)


def require(
    who: context.RequestContext, rule: str, find: Find
) -> Callable[[Aggregate], None] | None:
    """Let pass who may do a thing of Nova's API with an aggregate.

    It is read only where the rule looks at it. Then what is given back has
    to be asked once more, about the aggregate as it is when that is done; it
    raises AggregateNotFound for one that is as if it was not there.

    :raises PolicyNotAuthorized: when he may not
    """
    if not who.looks_at_target(rule):
        who.can(rule)
        return None
    found = None
    with contextlib.suppress(*_NOWHERE):
        found = find(True)
    who.can(rule, target(_known(who, rule, found)))
    return functools.partial(_permit, who, rule)


def _permit(who: context.RequestContext, rule: str, one: Aggregate) -> None:
    known = _known(who, rule, one)
    who.can(rule, target(known))
    if known is None:
        raise exception.AggregateNotFound(aggregate_id=one.id)


def _known(
    who: context.RequestContext, rule: str, one: Aggregate | None
) -> Aggregate | None:
    """Give an aggregate, unless it is as if it was not there."""
    of = target(one)
    if may(who, rule, of) or may(who, policies.SHOW, of):
        return one
    return None
