# SPDX-License-Identifier: Apache-2.0
"""Draws a plan into the model: what joins, leaves, comes, goes, changes."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from osc_aggext.pictures import clean
from osc_aggext.pictures import model
from osc_aggext.sdk import change_records

Effect = change_records.Effect

_NO_PLAN = 'it has no effects as a dry run shows them'


class Unreadable(ValueError):
    """What was given as a plan is none; it says why."""


def read(text: str) -> change_records.Change:
    """Read what a dry run answered: a change, alone or as ``change``.

    :raises Unreadable: when it is something else
    """
    try:
        found: Any = json.loads(text)
        change = found.get('change', found)
        # Records do without; a picture cannot.
        needed = change['effects'], change['impact']['zone_moves']
        if all(isinstance(one, list) for one in needed):
            return change_records.Change.of(change)
    except ValueError as error:
        raise Unreadable(f'it is no JSON: {error}') from error
    except (AttributeError, KeyError, TypeError) as error:
        raise Unreadable(_NO_PLAN) from error
    raise Unreadable(_NO_PLAN)


def draw(cloud: model.Cloud, plan: change_records.Change) -> model.Cloud:
    """Give a cloud with a plan drawn on it.

    :raises Unreadable: when it speaks of aggregates that the cloud does not
        have
    """
    keys = {one.id: key for key, one in enumerate(cloud.aggregates)}
    aggregates = list(cloud.aggregates)
    fates: dict[str, dict[model.Key, model.Fate]] = {}
    for effect in plan.effects:
        if effect.op == 'create':
            aggregates.append(_created(effect))
            key = len(aggregates) - 1
        else:
            key = _find(keys, effect)
            aggregates[key] = _changed(aggregates[key], effect)
        for name, fate in _moves(effect):
            fates.setdefault(name, {})[key] = fate
    moves = (plan.impact or {}).get('zone_moves', ())
    zones = {
        clean.clean(one['host']): clean.clean(one['after']) for one in moves
    }
    return dataclasses.replace(
        cloud,
        aggregates=tuple(aggregates),
        hosts=tuple(_hosts(cloud, fates, zones)),
        planned=True,
        warnings=tuple(clean.clean(one.detail) for one in plan.warnings),
    )


def _find(keys: dict[int | None, model.Key], effect: Effect) -> model.Key:
    named = effect.aggregate
    if named.id not in keys:
        raise Unreadable(
            f'aggregate {clean.clean(named.name)} is not there any more, or '
            'not to be seen'
        )
    return keys[named.id]


def _created(effect: Effect) -> model.Aggregate:
    values = effect.values
    return model.Aggregate(
        id=None,
        uuid=None,
        name=clean.clean(effect.aggregate.name),
        zone=clean.maybe(values.get('availability_zone')),
        metadata=model.pairs(effect.metadata_added),
        description=clean.maybe(values.get('description')),
        owner=clean.maybe(values.get('owner')),
        protected=bool(values.get('protected')),
        fate=model.Fate.JOINS,
    )


def _changed(one: model.Aggregate, effect: Effect) -> model.Aggregate:
    if effect.op == 'delete':
        return dataclasses.replace(one, fate=model.Fate.LEAVES)
    return dataclasses.replace(
        one, fate=model.Fate.CHANGES, changes=tuple(_changes(effect))
    )


def _changes(effect: Effect) -> Iterator[str]:
    """Say what becomes of an aggregate beside its hosts."""
    for field, value in effect.values.items():
        shown = 'zone' if field == 'availability_zone' else field
        was = _shown(effect.before.get(field))
        yield f'{shown} {was} → {_shown(value)}'
    old = effect.before.get('metadata', {})
    for key, value in sorted(effect.metadata_added.items()):
        was = f' (was {_shown(old[key])})' if key in old else ''
        yield f'+ {_shown(key)}={_shown(value)}{was}'
    for key in sorted(effect.metadata_removed):
        was = f'={_shown(old[key])}' if key in old else ''
        yield f'− {_shown(key)}{was}'


def _shown(value: object) -> str:
    if value is None:
        return 'none'
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return clean.clean(str(value))


def _moves(effect: Effect) -> Iterator[tuple[str, model.Fate]]:
    for name in effect.hosts_added:
        yield clean.clean(name), model.Fate.JOINS
    for name in effect.hosts_removed:
        yield clean.clean(name), model.Fate.LEAVES


def _hosts(
    cloud: model.Cloud,
    fates: dict[str, dict[model.Key, model.Fate]],
    zones: dict[str, str],
) -> Iterator[model.Host]:
    """Give the hosts with what the plan makes of them."""
    for host in cloud.hosts:
        theirs = dict(host.memberships) | fates.get(host.name, {})
        after = zones.get(host.name, host.zone)
        yield dataclasses.replace(
            host,
            memberships=tuple(sorted(theirs.items())),
            zone_after=None if after == host.zone else after,
        )
    for name in sorted(fates.keys() - {host.name for host in cloud.hosts}):
        yield model.Host(
            name,
            zones.get(name, cloud.default_zone),
            model.State.UNSURE,
            tuple(sorted(fates[name].items())),
        )
