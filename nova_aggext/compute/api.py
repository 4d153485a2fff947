# SPDX-License-Identifier: Apache-2.0
"""AggregateAPI: one method a use case, each a request of one item.

Method names are Nova's. A refused change has changed nothing.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import ports
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records

Session = db_database.Session
RequestContext = context.RequestContext
Aggregate = records.Aggregate
Item = requests.Item

Metadata = Mapping[str, str | None]
Permit = runner.Permit


class AggregateAPI:
    """What can be done with host aggregates, whoever asks.

    Policies are the caller's business. Every method may raise
    ``ServiceUnavailable`` when the database or the inventory is away.

    Methods that take ``written`` take the aggregate's id as the caller wrote
    it, which Nova's notifications repeat. ``permit`` is asked about the
    aggregate as it is when it is changed; what it raises is raised, and
    nothing is changed then.
    """

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        outbox: ports.Outbox,
        images: ports.ImageService | None = None,
        *,
        list_from_replica: bool = False,
    ) -> None:
        """Take what it works with.

        :param list_from_replica: lists may be older than what was told before
        """
        self._database = database
        self._runner = runner.Runner(database, hosts, outbox)
        self._outbox = outbox
        self._images = images
        self._list_from_replica = list_from_replica

    def get_aggregate_list(
        self, who: RequestContext, *, owner: str | None = None
    ) -> list[Aggregate]:
        """Give all aggregates, by id.

        :param owner: only those that this project owns
        """
        return self._database.read(
            lambda session: queries.list_aggregates(session, owner),
            replica=self._list_from_replica,
        )

    def get_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        *,
        annotated: bool = False,
    ) -> Aggregate:
        """Give one aggregate.

        :param annotated: with its annotations; otherwise these are as if
            there were none
        :raises AggregateNotFound: when there is none
        """
        return self._database.ask(
            lambda session: queries.get_aggregate(
                session, aggregate_id, annotated=annotated
            )
        )

    def get_aggregates_by_host(
        self, who: RequestContext, host: str
    ) -> list[Aggregate]:
        """Give the aggregates that a host is in, by id."""
        return self._database.read(
            lambda session: queries.list_aggregates_by_host(session, host)
        )

    def create_aggregate(
        self, who: RequestContext, name: str, zone: str | None
    ) -> Aggregate:
        """Make an aggregate.

        :raises AggregateNameExists: when the name is taken
        """
        item = Item(
            None,
            uuid=str(uuid.uuid4()),
            name=name,
            metadata=None if zone is None else {records.ZONE_KEY: zone},
        )
        return self._run(
            who,
            'create_aggregate',
            item,
            None,
            aggregate_name=name,
            availability_zone=zone,
        )

    def update_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        values: Mapping[str, str | None],
        *,
        written: str | None = None,
        permit: Permit | None = None,
    ) -> Aggregate:
        """Give an aggregate another name, another zone, or both.

        :param values: ``name`` and ``availability_zone``, what is to change
        :raises AggregateNotFound: when there is none
        :raises AggregateNameExists: when the name is taken
        :raises InvalidAggregateActionUpdate: when the zone is empty or its
            hosts cannot change to it
        """
        zone = {key: values[key] for key in values if key == records.ZONE_KEY}
        return self._run(
            who,
            'update_aggregate',
            Item(aggregate_id, name=values.get('name'), metadata=zone or None),
            permit,
            aggregate_id=written or str(aggregate_id),
            values=dict(values),
        )

    def update_aggregate_metadata(
        self,
        who: RequestContext,
        aggregate_id: int,
        asked: Metadata,
        *,
        written: str | None = None,
        permit: Permit | None = None,
    ) -> Aggregate:
        """Add and change metadata; keys with None are removed.

        :raises AggregateNotFound: when there is none
        :raises AggregateMetadataKeyExists: when keys would differ in case only
        :raises InvalidAggregateActionUpdateMeta: when the zone is empty or
            the hosts cannot change to it
        """
        return self._run(
            who,
            'update_aggregate_metadata',
            Item(aggregate_id, metadata=dict(asked)),
            permit,
            aggregate_id=written or str(aggregate_id),
            metadata=dict(asked),
        )

    def delete_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        *,
        written: str | None = None,
        permit: Permit | None = None,
    ) -> None:
        """Delete an aggregate that has no hosts.

        :raises AggregateNotFound: when there is none
        :raises InvalidAggregateActionDelete: when it has hosts
        """
        self._run(
            who,
            'delete_aggregate',
            Item(aggregate_id, delete=True),
            permit,
            aggregate_id=written or str(aggregate_id),
        )

    def add_host_to_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        host: str,
        *,
        written: str | None = None,
        permit: Permit | None = None,
    ) -> Aggregate:
        """Put a compute host into an aggregate.

        :raises ComputeHostNotFound: when there is no such host; said before
            anything else that may be wrong
        :raises AggregateNotFound: when there is no such aggregate
        :raises InvalidAggregateActionAdd: when the host would be in two
            zones, or has instances that would change their zone
        :raises AggregateHostExists: when it is in there already
        """
        return self._run(
            who,
            'add_host_to_aggregate',
            Item(aggregate_id, add=(host,)),
            permit,
            aggregate_id=written or str(aggregate_id),
            host_name=host,
        )

    def remove_host_from_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        host: str,
        *,
        written: str | None = None,
        permit: Permit | None = None,
    ) -> Aggregate:
        """Take a host out of an aggregate, also one that is gone.

        :raises AggregateNotFound: when there is no such aggregate
        :raises AggregateHostNotFound: when the host is not in there
        :raises InvalidAggregateActionDelete: when it has instances that would
            change their zone
        """
        return self._run(
            who,
            'remove_host_from_aggregate',
            Item(aggregate_id, remove=(host,)),
            permit,
            aggregate_id=written or str(aggregate_id),
            host_name=host,
        )

    def cache_images(
        self,
        who: RequestContext,
        aggregate_id: int,
        image_ids: list[str],
        *,
        permit: Permit | None = None,
    ) -> None:
        """Ask the hosts of an aggregate to cache images.

        :raises DuplicateImage: when an image is named twice
        :raises AggregateNotFound: when there is none
        :raises ImageNotFound: when one is not in the image service
        :raises ImageServiceUnavailable: when the image service is away, or
            none is configured
        """
        if len(set(image_ids)) < len(image_ids):
            raise exception.DuplicateImage()
        self._database.ask(
            lambda session: _permitted(session, aggregate_id, permit)
        )
        if self._images is None:
            raise exception.ImageServiceMissing()
        self._images.require(who, image_ids)

        def work(session: Session) -> ports.Committed:
            found = _permitted(session, aggregate_id, permit)
            step = steps.CachingImages(found, tuple(image_ids))
            subject = steps.Subject(found, (step,))
            return self._outbox.append(session, steps.Done(who, (subject,)))

        runner.follow(self._database.write(work))

    def _run(
        self,
        who: RequestContext,
        operation: str,
        item: Item,
        permit: Permit | None,
        **arguments: Any,
    ) -> Aggregate:
        """Do what is asked of one aggregate; give it as it is, or was."""
        request = requests.Request(who, (item,), operation, arguments)
        (change,) = self._runner.run(request, runner.NovaCase(request, permit))
        return change.subject


def _permitted(
    session: Session, aggregate_id: int, permit: Permit | None
) -> Aggregate:
    """Read an aggregate that is permitted.

    :raises AggregateNotFound: when there is none
    """
    found = queries.get_aggregate(
        session, aggregate_id, annotated=permit is not None
    )
    if permit is not None:
        permit(found)
    return found
