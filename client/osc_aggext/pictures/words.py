# SPDX-License-Identifier: Apache-2.0
"""What all formats say in the same words."""

from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import model

# As many characters of a project's id as tell it from others.
_PROJECT = 8


def count(number: int, noun: str) -> str:
    """Say how many there are: ``1 host``, ``5,000 hosts``."""
    return f'{number:,} {noun}{"" if number == 1 else "s"}'


def summary(totals: layout.Totals) -> str:
    """Say in one line what there is and what is wrong."""
    parts = [
        f'{count(totals.hosts, "host")} in {count(totals.zones, "zone")}',
        count(totals.aggregates, 'aggregate'),
    ]
    if totals.dead:
        parts.append(count(totals.dead, 'dead member'))
    if totals.unsure:
        parts.append(f'{totals.unsure:,} not known for sure')
    if totals.unassigned:
        parts.append(f'{totals.unassigned:,} in no aggregate')
    if totals.isolated:
        parts.append(f'{totals.isolated:,} kept for projects')
    return ', '.join(parts)


def tenants(projects: tuple[str, ...]) -> str:
    """Name the projects that hosts are kept for, shortly."""
    shown = ', '.join(clean.cut(one, _PROJECT + 1) for one in projects[:2])
    more = f' and {len(projects) - 2} more' if len(projects) > 2 else ''
    return f'tenant{"s" if len(projects) > 1 else ""} {shown}{more}'


def labels(one: model.Aggregate) -> list[str]:
    """Give the metadata of an aggregate, but for what keeps it for some."""
    return [
        f'{key}={value}'
        for key, value in one.metadata
        if not key.startswith(model.ISOLATION)
    ]


def fate(one: model.Aggregate) -> str:
    """Say what a plan does to an aggregate, in a word or none."""
    if one.fate is model.Fate.JOINS:
        return 'new'
    return 'deleted' if one.fate is model.Fate.LEAVES else ''


def arrow(joins: int, leaves: int) -> str:
    """Say how many come and go: ``+4 −2``."""
    parts = [f'+{joins:,}'] if joins else []
    if leaves:
        parts.append(f'−{leaves:,}')
    return ' '.join(parts)


def remarks(band: layout.Band) -> list[str]:
    """Give what is worth to know of an aggregate in a zone, shortly."""
    one = band.aggregate
    said = [words for words in (fate(one), _moved(band)) if words]
    if band.dead:
        said.append(count(band.dead, 'dead member'))
    if one.tenants:
        said.append(tenants(one.tenants))
    if one.protected:
        said.append('protected')
    return [*said, *one.changes, *labels(one)]


def _moved(band: layout.Band) -> str:
    return arrow(band.joins, band.leaves)


def zone(drawn: layout.Zone) -> str:
    """Say what a zone holds."""
    said = [
        count(drawn.hosts, 'host'),
        count(len(drawn.bands), 'aggregate'),
    ]
    if drawn.is_default:
        said.append('hosts that no aggregate gives a zone')
    if drawn.joins or drawn.leaves:
        said.append(f'{arrow(drawn.joins, drawn.leaves)} by the plan')
    return ', '.join(said)


def legend(planned: bool) -> list[tuple[str, str]]:
    """Give what each kind of drawing means."""
    kinds = [
        ('here home', 'member, aggregate gives the zone'),
        ('here', 'member'),
        ('here tenant', 'member, kept for projects'),
        ('dead', 'dead member: no such host'),
        ('alone', 'in no aggregate'),
        ('unsure', 'its cell did not answer'),
    ]
    if planned:
        kinds += [('joins', 'joins by the plan'), ('leaves', 'leaves by it')]
    return kinds


# What is said of hosts by what is drawn of them.
KINDS = {
    layout.Kind.HERE: 'Hosts',
    layout.Kind.DEAD: 'Dead members',
    layout.Kind.UNSURE: 'Without answer of the cell',
    layout.Kind.JOINS: 'Join by the plan',
    layout.Kind.LEAVES: 'Leave by the plan',
}

HOW_TO_READ = (
    'Each zone is a diagram of its own. Hosts that are in the same aggregates '
    'stand beside each other; each aggregate is a row that is filled where '
    'its hosts stand. What lies under one another overlaps: these hosts are '
    'in all of those aggregates. Width follows the number of hosts, but a '
    'single one stays wide enough to be seen; what is drawn paler is filled '
    'in part. What gives the zone stands first, and smaller aggregates follow '
    'those that they are in. An aggregate with hosts in several zones has a '
    'row in each.'
)


def facts(one: model.Aggregate) -> list[tuple[str, str]]:
    """Give what there is to know of an aggregate beside its hosts."""
    found = [
        ('Zone', one.zone),
        ('Description', one.description),
        ('Metadata', ', '.join(labels(one))),
        ('Kept for projects', ', '.join(one.tenants)),
        ('Owner', one.owner),
        ('Protected', 'yes' if one.protected else None),
        ('Id', None if one.id is None else str(one.id)),
        ('UUID', one.uuid),
    ]
    return [(said, text) for said, text in found if text]


def block(cloud: model.Cloud, drawn: layout.Block) -> list[str]:
    """Give what is worth to know of some hosts."""
    said = []
    if drawn.state is model.State.DEAD:
        said.append('dead member: no such host')
    if drawn.state is model.State.UNSURE:
        said.append('its cell did not answer')
    if not drawn.memberships:
        said.append('in no aggregate')
    if drawn.way is model.Fate.JOINS:
        said.append('joins the zone by the plan')
    if drawn.way is model.Fate.LEAVES:
        said.append('leaves the zone by the plan')
    projects = layout.tenants(cloud, drawn)
    return [*said, tenants(projects)] if projects else said
