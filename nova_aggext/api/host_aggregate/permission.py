# SPDX-License-Identifier: Apache-2.0
"""What a change needs to be allowed: the rule of every single operation.

Rules are asked for all that a change names, whether or not it will have an
effect, so that nobody learns anything by trying.
"""

from collections.abc import Iterable

from nova_aggext import context
from nova_aggext.api import permission
from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import needs
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.bulk import reverting
from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies

Need = needs.Need
Picture = resolution.Picture

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


def require(
    who: context.RequestContext,
    asked: compute_asked.Asked,
    picture: Picture,
) -> Picture:
    """Let pass what the policy allows in every part.

    Gives what the caller may act on: an aggregate that he may not see, and
    may not do all with that he asks, is as if it was not there.

    :raises Refused: with each operation that it does not allow
    :raises ChangeRefused: for a change to undo that he may not see, and may
        not undo, as for one that is not there
    """
    if asked.revert is not None and not asked.aggregates:
        _require_any(who)
    refused = _refused(who, asked, picture, picture)
    if not refused:
        return picture
    if asked.revert is not None and not permission.may(
        who, own_policies.CHANGES_SHOW
    ):
        _require_any(who)
        raise reverting.unknown(asked.revert)
    there = _without(picture, _hidden(who, refused))
    refused = _refused(who, asked, there, picture)
    if refused:
        told = (_forbidden(need, named=_sees(who, need)) for need in refused)
        raise errors.Refused(403, {repr(one): one for one in told}.values())
    return there


def require_each(
    who: context.RequestContext, needed: Iterable[tuple[str, str]]
) -> None:
    """Let pass what rules on no aggregate allow.

    :param needed: rules, and where what they are about was asked for
    :raises Refused: with each that does not
    """
    refused = [
        _forbidden(Need(rule, None, place, context.NOTHING))
        for rule, place in needed
        if not permission.may(who, rule)
    ]
    if refused:
        raise errors.Refused(403, refused)


def _require_any(who: context.RequestContext) -> None:
    """Let pass who may change anything: nothing is known to be named."""
    if not any(
        permission.may(who, rule) or permission.may_own(who, rule)
        for rule in _WRITING
    ):
        need = Need(policies.UPDATE, None, '/change/revert', context.NOTHING)
        raise errors.Refused(403, [_forbidden(need)])


def _refused(
    who: context.RequestContext,
    asked: compute_asked.Asked,
    picture: Picture,
    members: Picture,
) -> list[Need]:
    return [
        need
        for need in needs.of(asked, picture, members)
        if not permission.may(who, need.rule, need.target)
    ]


def _hidden(
    who: context.RequestContext, refused: Iterable[Need]
) -> frozenset[int]:
    """Give the aggregates that are as if they were not there."""
    return frozenset(
        need.one.id
        for need in refused
        if need.one is not None and need.is_named and not _sees(who, need)
    )


def _without(picture: Picture, hidden: frozenset[int]) -> Picture:
    found = picture.aggregates.values()
    return Picture(one for one in found if one.id not in hidden)


def _sees(who: context.RequestContext, need: Need) -> bool:
    target = permission.target(need.one)
    return permission.may(who, own_policies.AGGREGATES_SHOW, target)


def _forbidden(need: Need, *, named: bool = False) -> errors.Problem:
    """Tell what is not allowed; of which aggregate, if that may be named."""
    members = {}
    one = need.one
    if named and one is not None:
        members = {
            'aggregate': {'id': one.id, 'uuid': one.uuid, 'name': one.name}
        }
    return errors.problem(
        'forbidden',
        f'The policy does not allow {need.rule}.',
        rule=need.rule,
        path=need.place,
        **members,
    )
