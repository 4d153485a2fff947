# SPDX-License-Identifier: Apache-2.0
"""HostReader: hosts as the own API shows them, one method a use case.

Policies are the caller's business. Every method may raise
``ServiceUnavailable`` when the database or the inventory is away.
"""

import contextlib
import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext.compute import host_search
from nova_aggext.compute import inventory
from nova_aggext.compute import patterns
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import memberships
from nova_aggext.db import search

Session = db_database.Session
Candidate = host_search.Candidate
Host = host_search.Host


@dataclasses.dataclass(frozen=True, slots=True)
class Hosts:
    """A page of a list of hosts.

    :ivar has_more: there is another page
    :ivar count: of all pages
    """

    page: tuple[Host, ...]
    has_more: bool
    count: int


class HostReader:
    """Reads hosts: those of the inventory, and all others in aggregates."""

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        default_zone: str,
    ) -> None:
        """Take what it works with.

        :param default_zone: of hosts that no aggregate gives one
        """
        self._database = database
        self._hosts = hosts
        self._default_zone = default_zone

    def get_host(self, name: str, *, counted: bool = False) -> Host:
        """Give one host, also one that is gone but still in an aggregate.

        :param counted: count its instances
        :raises ComputeHostNotFound: when there is none
        """
        known = self._is_known(name)

        found = self._database.read(
            lambda session: read(session, {name: known}, self._default_zone)
        )[name]
        if not (known or found.aggregates):
            raise exception.ComputeHostNotFound(host=name)
        if not counted:
            return found
        counts = self._hosts.count_instances([name])
        return dataclasses.replace(found, instances=counts[name])

    def find_hosts(
        self, wanted: host_search.Search, *, counted: bool = False
    ) -> Hosts:
        """Give the hosts that are wanted.

        :param counted: count their instances
        """
        listing = self._hosts.list_hosts()

        def read(session: Session) -> Hosts:
            fitting = self._fitting(session, listing, wanted.filters)
            fitting.sort(key=_name, reverse=wanted.descending)
            left = [one for one in fitting if _is_behind(one, wanted)]
            page = tuple(
                _whole(
                    session,
                    {one.name: one.known for one in left[: wanted.limit]},
                    {one.name: one.aggregates for one in left},
                    self._default_zone,
                )
            )
            return Hosts(page, len(left) > wanted.limit, len(fitting))

        found = self._database.read(read)
        if not counted:
            return found
        page = tuple(self._counted(found.page))
        return dataclasses.replace(found, page=page)

    def _is_known(self, name: str) -> bool:
        # An inventory need not bear to be asked for what is no name.
        if not patterns.is_host(name):
            return False
        with contextlib.suppress(
            exception.ComputeHostNotFound, exception.HostInManyCells
        ):
            self._hosts.get_host(name)
            return True
        return False

    def _fitting(
        self,
        session: Session,
        listing: inventory.Listing,
        filters: tuple[host_search.Filter, ...],
    ) -> list[Candidate]:
        """Give all hosts that fit."""
        names = host_search.names(filters)
        ids_of = memberships.by_host(session, names)
        every = listing.present | listing.unsure | ids_of.keys()
        zones = memberships.zones(session)
        resolved = [_resolved(session, one) for one in filters]
        candidates = (
            self._candidate(
                name, listing.knows(name), ids_of.get(name, ()), zones
            )
            for name in (every if names is None else every & names)
        )
        return [one for one in candidates if host_search.fits(one, resolved)]

    def _candidate(
        self,
        name: str,
        known: bool | None,
        ids: Iterable[int],
        zones: Mapping[int, str],
    ) -> Candidate:
        """Give a host as filters look at it."""
        aggregates = tuple(ids)
        given = (zones[one] for one in aggregates if one in zones)
        zone = next(given, self._default_zone)
        return Candidate(name, known, zone, aggregates)

    def _counted(self, hosts: Iterable[Host]) -> Iterator[Host]:
        """Count instances, of all hosts of which somebody can tell."""
        page = list(hosts)
        told = [one.name for one in page if one.known]
        counts = self._hosts.count_instances(told) if told else {}
        for one in page:
            yield dataclasses.replace(one, instances=counts.get(one.name))


def read(
    session: Session, known: Mapping[str, bool], default_zone: str
) -> dict[str, Host]:
    """Read hosts, also those that are nowhere.

    :param known: whether each is in the inventory
    :param default_zone: of hosts that no aggregate gives one
    """
    ids = memberships.by_host(session, known)
    found = _whole(session, known, ids, default_zone)
    return {one.name: one for one in found}


def _whole(
    session: Session,
    known: Mapping[str, bool | None],
    ids: Mapping[str, Sequence[int]],
    default_zone: str,
) -> Iterator[Host]:
    """Give hosts with what there is to tell of their aggregates."""
    wanted = {number for name in known for number in ids.get(name, ())}
    summaries = memberships.summaries(session, wanted)
    for name in known:
        aggregates = tuple(summaries[each] for each in ids.get(name, ()))
        zones = [
            each.availability_zone
            for each in aggregates
            if each.availability_zone is not None
        ]
        yield Host(
            name=name,
            known=known[name],
            # Of several zones, which none should have, the first.
            zone=next(iter(zones), default_zone),
            in_default_zone=not zones,
            aggregates=aggregates,
        )


def _name(one: Candidate) -> str:
    return one.name


def _is_behind(one: Candidate, wanted: host_search.Search) -> bool:
    """Say whether a host comes after the one that a page begins behind."""
    if wanted.after is None:
        return True
    if wanted.descending:
        return one.name < wanted.after
    return one.name > wanted.after


def _resolved(session: Session, one: host_search.Filter) -> host_search.Filter:
    """Give a filter with the ids of aggregates in place of their uuids."""
    uuids = tuple(value for value in one.values if isinstance(value, str))
    if one.field is not host_search.Field.AGGREGATE or not uuids:
        return one
    same = search.Filter(search.Field.UUID, search.Operator.IN, uuids)
    most = search.Search((same,), limit=len(uuids))
    others = (value for value in one.values if not isinstance(value, str))
    ids = search.find(session, most).ids
    return dataclasses.replace(one, values=(*others, *ids))
