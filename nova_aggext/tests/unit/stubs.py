# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for what is around a unit."""

import contextlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import records

if TYPE_CHECKING:
    from _typeshed import wsgi


class Wsgi:
    """A WSGI application that keeps the environs it is called with."""

    def __init__(
        self,
        body: bytes = b'beneath',
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.body = body
        self.headers = dict(headers or {})
        self.environs: list[dict[str, Any]] = []

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        self.environs.append(dict(environ))
        start_response('200 OK', list(self.headers.items()))
        return [self.body]


class Raising:
    """A WSGI application that raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        raise self.error


class Inventory:
    """An inventory that knows the hosts and instances it is told."""

    def __init__(self, **instances: int) -> None:
        self.instances = instances
        self.asked: list[set[str]] = []
        self.searched: list[int] = []
        self.closed = False

    def get_host(self, name: str) -> inventory.Host:
        """Find a host."""
        if name not in self.instances:
            raise exception.ComputeHostNotFound(host=name)
        return inventory.Host(name=name)

    def get_hosts(self, names: Collection[str]) -> dict[str, inventory.Host]:
        """Find hosts, each as it is found alone."""
        self.searched.append(len(names))
        found = {}
        for name in names:
            with contextlib.suppress(
                exception.ComputeHostNotFound, exception.HostInManyCells
            ):
                found[name] = self.get_host(name)
        return found

    def list_hosts(self) -> inventory.Listing:
        """Give all hosts told."""
        return inventory.Listing(frozenset(self.instances))

    def count_instances(self, hosts: Collection[str]) -> dict[str, int]:
        """Give the numbers told."""
        self.asked.append(set(hosts))
        return {host: self.instances.get(host, 0) for host in hosts}

    def check(self) -> None:
        """Be there."""

    def close(self) -> None:
        """Remember that."""
        self.closed = True


class Outbox:
    """An outbox that keeps what it is told.

    :ivar deliver: called once a transaction was committed
    :ivar refuse: called with what was refused
    """

    def __init__(self) -> None:
        self.appended: list[steps.Done] = []
        self.committed: list[steps.Done] = []
        self.refused_: list[steps.Refusal] = []
        self.deliver: ports.Committed = ports.nothing
        self.refuse: Callable[[steps.Refusal], None] = self.refused_.append

    def append(
        self, session: db_database.Session, done: steps.Done
    ) -> ports.Committed:
        """Keep what is told in the transaction, and then after it."""
        self.appended.append(done)

        def follow() -> None:
            self.committed.append(done)
            self.deliver()

        return follow

    def refused(self, refusal: steps.Refusal) -> None:
        """Keep what was refused, unless told otherwise."""
        self.refuse(refusal)


def aggregate(one: int) -> records.Aggregate:
    """Make an aggregate without hosts and metadata."""
    return records.Aggregate(
        id=one,
        uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
        name='a',
        hosts=(),
        metadata={},
        created_at=None,
        updated_at=None,
    )


def done(
    aggregate: records.Aggregate,
    *taken: steps.Step,
    who: context.RequestContext | None = None,
    found: Mapping[str, inventory.Host] | None = None,
    **arguments: Any,
) -> steps.Done:
    """Make what a request did to one aggregate."""
    subject = steps.Subject(aggregate, taken)
    return steps.Done(
        who or caller(), (subject,), arguments=arguments, found=found or {}
    )


def caller(**identity: Any) -> context.RequestContext:
    """Make a context that may do everything."""
    return context.RequestContext(policy=context.Unrestricted, **identity)
