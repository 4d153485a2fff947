# SPDX-License-Identifier: Apache-2.0
"""Changes and plans as text for people."""

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from osc_aggext import ranges
from osc_aggext.sdk import change_records

Change = change_records.Change
Effect = change_records.Effect

# What follows the words of a row, by aggregate (id or name) and field.
Notes = Mapping[tuple[str, str], str]

_WIDTH = 15
_TITLES = {'availability_zone': 'zone'}
_OPS = ('create', 'update', 'delete')
_SKIPPED = 'unknown_host_skipped'
_CLAIMED = 'managed_field'
# It stands on the rows that it is of.
_DRIFT = 'drift'


def lines(change: Change, notes: Notes | None = None) -> Iterator[str]:
    """Tell of a change: what it does, what follows, and what to think of.

    :param notes: remarks on rows
    """
    for effect in change.effects:
        yield from _effect(effect, notes or {})
    if change.effects and change.impact is not None:
        yield f'  Impact: {_impact(change.impact)}'
    yield from (f'  {told}' for told in remarks(change.warnings))


def remarks(warnings: Iterable[change_records.Warned]) -> Iterator[str]:
    """Tell what to think of; claims of the hosts of an aggregate at once."""
    claimed: dict[tuple[str, str], list[str]] = {}
    for warned in warnings:
        collection, _, host = str(warned.members.get('field')).partition('/')
        if warned.code == _SKIPPED:
            hosts = warned.members.get('hosts', ())
            verb = 'is' if len(hosts) == 1 else 'are'
            yield f'Skipped: {ranges.text(hosts)} {verb} not known yet'
        elif warned.code == _CLAIMED and collection == 'hosts' and host:
            aggregate = str(warned.members['aggregate']['name'])
            of_manager = (str(warned.members['manager']), aggregate)
            claimed.setdefault(of_manager, []).append(host)
        elif warned.code != _DRIFT:
            yield f'Warning {warned.code}: {warned.detail}'
    for (manager, aggregate), hosts in claimed.items():
        yield (
            f'Warning {_CLAIMED}: Manager {manager} claims '
            f'{ranges.text(hosts)} in aggregate {aggregate}.'
        )


def summary(change: Change) -> str:
    """Say how much a change does, or did, in one line."""
    is_plan = bool(change.dry_run)
    if not change.effects:
        return 'Plan: nothing to change.' if is_plan else 'Nothing to change.'
    counts = [sum(effect.op == op for effect in change.effects) for op in _OPS]
    words = ('to create', 'to change', 'to delete')
    if not is_plan:
        words = ('created', 'changed', 'deleted')
    told = ', '.join(
        f'{count} {word}' for count, word in zip(counts, words, strict=True)
    )
    if is_plan:
        return f'Plan: {told}. Digest {change.digest}'
    return f'Done: {told}. Change {change.id}'


def brief(change: Change) -> str:
    """Tell what a change did in one line of a table."""
    return '; '.join(
        f'{_name(effect)}: {_brief(effect)}' for effect in change.effects
    )


def written(value: Any) -> str:
    """Write a value of metadata or the like, plain where that is clear."""
    if value is None:
        return 'none'
    if isinstance(value, str) and value.isprintable() and value.strip():
        plain = not set(value) & set(' ",=\'')
        return value if plain else f'"{value}"'
    return json.dumps(value, ensure_ascii=False)


def _effect(effect: Effect, notes: Notes) -> Iterator[str]:
    if effect.op == 'create':
        yield f'+ aggregate {_created(effect)}'
        return
    reference = effect.aggregate
    sign = '-' if effect.op == 'delete' else ' '
    yield f'{sign} aggregate {written(reference.name)} (id {reference.id})'
    for field, told in _rows(effect):
        known = (str(reference.id), field)
        title = _TITLES.get(field, field)
        row = f'    ~ {title:<{_WIDTH}}{told}'
        yield f'{row}   ! {notes[known]}' if known in notes else row


def _created(effect: Effect) -> str:
    """Tell of a new aggregate in one line."""
    said = []
    for field, value in effect.values.items():
        if field != 'name' and value is not None and value is not False:
            shown = written(value)
            if field == 'description':
                shown = json.dumps(value, ensure_ascii=False)
            is_flag = value is True
            title = _TITLES.get(field, field)
            said.append(title if is_flag else f'{title} {shown}')
    if effect.hosts_added:
        said.insert(
            1 if effect.values.get('availability_zone') else 0,
            f'hosts {ranges.text(effect.hosts_added)}',
        )
    if effect.metadata_added:
        said.append(' '.join(_pairs(effect.metadata_added)))
    return f'{written(_name(effect)):<{_WIDTH - 8}} {", ".join(said)}'.rstrip()


def _rows(effect: Effect) -> Iterator[tuple[str, str]]:
    """Give each field that changes, and how."""
    added, removed = effect.hosts_added, effect.hosts_removed
    if added or removed:
        yield 'hosts', _signed(_ranges(added), _ranges(removed))
    if effect.metadata_added or effect.metadata_removed:
        yield (
            'metadata',
            _signed(
                ' '.join(_pairs(effect.metadata_added)),
                ' '.join(map(written, effect.metadata_removed)),
            ),
        )
    for field, value in effect.values.items():
        before = effect.before.get(field)
        yield field, f'{written(before)} -> {written(value)}'


def _ranges(hosts: Iterable[str]) -> str:
    return ranges.text(hosts)


def _pairs(metadata: Mapping[str, str]) -> Iterator[str]:
    for key, value in sorted(metadata.items()):
        yield f'{written(key)}={written(value)}'


def _signed(added: str, removed: str) -> str:
    parts = [f'+ {added}'] if added else []
    if removed:
        parts.append(f'- {removed}')
    return '   '.join(parts)


def _name(effect: Effect) -> str:
    """Give the name, of a new one the one that it gets."""
    if effect.op == 'create':
        return str(effect.values.get('name', effect.aggregate.name))
    return effect.aggregate.name


def _brief(effect: Effect) -> str:
    if effect.op != 'update':
        return effect.op
    said = [
        f'{sign}{_counted(len(hosts), "host")}'
        for sign, hosts in (
            ('+', effect.hosts_added),
            ('-', effect.hosts_removed),
        )
        if hosts
    ]
    keys = sorted({*effect.metadata_added, *effect.metadata_removed})
    if keys:
        said.append('metadata ' + ' '.join(keys))
    said += [_TITLES.get(field, field) for field in effect.values]
    return ', '.join(said)


def _impact(impact: Mapping[str, Any]) -> str:
    moves = impact.get('zone_moves', ())
    instances = [one.get('instances') for one in moves]
    said = []
    if moves:
        hosts = _counted(len(moves), 'host')
        verb = 'changes' if len(moves) == 1 else 'change'
        told = f'{hosts} {verb} zone'
        if None not in instances:
            told += f' ({_counted(sum(instances), "instance")})'
        said.append(told)
    said += [
        _counted(impact['scheduler_casts'], 'scheduler cast'),
        _counted(impact['placement_updates'], 'placement update'),
        _counted(impact['notifications'], 'notification'),
    ]
    return ', '.join(said)


def _counted(count: int, noun: str) -> str:
    return f'{count} {noun}' if count == 1 else f'{count} {noun}s'
