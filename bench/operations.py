# SPDX-License-Identifier: Apache-2.0
"""What is measured: each operation is called so often, by one client.

Whatever an operation leaves behind another one takes away, and that is
measured as well.
"""

from collections.abc import Callable
import itertools
from typing import Any

from bench import client
from bench import sizes

PATH = '/v2.1/os-aggregates'

# Seconds of each call, by the name of what was done.
Times = dict[str, list[float]]
Operation = Callable[['Caller', int], Times]

_numbers = itertools.count()


class Caller:
    """Somebody who calls one server.

    :ivar host: a host that only this one adds and removes
    :ivar size: what is in the database
    """

    def __init__(
        self,
        connection: client.Client,
        size: sizes.Size,
        host: str,
        path: str = PATH,
    ) -> None:
        self.size = size
        self.host = host
        self._connection = connection
        self._path = path

    def call(
        self, method: str, path: str = '', body: Any = None
    ) -> client.Answer:
        """Send a request.

        :raises RuntimeError: when it is not done as asked
        """
        answer = self._connection.call(method, f'{self._path}{path}', body)
        if answer.status not in (200, 201):
            raise RuntimeError(f'{method} {path} {body}: {answer}')
        return answer

    def act(self, aggregate: int, action: str, what: Any) -> float:
        """Do an action; give the seconds it took."""
        answer = self.call('POST', f'/{aggregate}/action', {action: what})
        return answer.seconds


def list_all(caller: Caller, count: int) -> Times:
    """List all aggregates."""
    return {'list': [caller.call('GET').seconds for _ in range(count)]}


def show(caller: Caller, count: int) -> Times:
    """Show one aggregate after the other."""
    ids = (n * 7 % caller.size.aggregates + 1 for n in range(count))
    return {'show': [caller.call('GET', f'/{one}').seconds for one in ids]}


def create(caller: Caller, count: int) -> Times:
    """Create and delete aggregates with a zone."""
    times: Times = {'create': [], 'delete': []}
    for number in itertools.islice(_numbers, count):
        name = f'created-{number}'
        body = {'aggregate': {'name': name, 'availability_zone': name}}
        made = caller.call('POST', '', body)
        times['create'].append(made.seconds)
        gone = caller.call('DELETE', f'/{made.body["aggregate"]["id"]}')
        times['delete'].append(gone.seconds)
    return times


def set_metadata(caller: Caller, count: int) -> Times:
    """Change one key of an aggregate."""
    seconds = []
    for number in itertools.islice(_numbers, count):
        what = {'metadata': {'key-1': f'changed-{number}'}}
        seconds.append(caller.act(sizes.ZONED, 'set_metadata', what))
    return {'set_metadata': seconds}


def member(caller: Caller, count: int) -> Times:
    """Add a host to an aggregate without a zone, and remove it."""
    return _member(caller, count, sizes.UNZONED, '')


def zoned_member(caller: Caller, count: int) -> Times:
    """Add a host to an aggregate with a zone, and remove it."""
    return _member(caller, count, sizes.ZONED, ', zoned')


def _member(caller: Caller, count: int, aggregate: int, suffix: str) -> Times:
    times: Times = {f'add_host{suffix}': [], f'remove_host{suffix}': []}
    what = {'host': caller.host}
    for _ in range(count):
        for action in ('add_host', 'remove_host'):
            seconds = caller.act(aggregate, action, what)
            times[f'{action}{suffix}'].append(seconds)
    return times


READS = (list_all, show)
MEMBERS = (member, zoned_member)
ALL: tuple[Operation, ...] = (
    *READS,
    create,
    set_metadata,
    *MEMBERS,
)
