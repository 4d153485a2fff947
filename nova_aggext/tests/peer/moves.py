# SPDX-License-Identifier: Apache-2.0
"""Changes that move hosts, and a HostManager of Nova that hears of them."""

import json
import pathlib
import random
import subprocess
import uuid
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any, TypeAlias

import fixtures

from nova_aggext.compute import requests
from nova_aggext.db import records
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import clouds

Item = requests.Item

Hosts: TypeAlias = frozenset[str]
State: TypeAlias = dict[int, Hosts]

HOSTS = tuple(f'host{number}' for number in range(6))
# In a state, the id of an aggregate that is to be made.
NEW = 0
# So many aggregates are always there.
FEWEST = 4

_SCRIPT = pathlib.Path(__file__).with_name('scripts') / 'host_manager.py'
_STOP = 30


class Manager(fixtures.Fixture):
    """A HostManager in a process of the Python of its Nova."""

    def __init__(self, nova: clouds.Nova) -> None:
        super().__init__()
        self._nova = nova

    def _setUp(self) -> None:
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._log = folder / 'log'
        with self._log.open('wb') as log:
            self._process = subprocess.Popen(
                [
                    self._nova.environment.bin / 'python',
                    _SCRIPT,
                    self._nova.conf_file,
                ],
                env={
                    **venvs.environment(),
                    'OS_NOVA_DISABLE_EVENTLET_PATCHING': 'true',
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.addCleanup(self._stop)
        # It has read the database when it answers.
        self.beliefs()

    def take(
        self, method: str, entries: Sequence[Any], hosts: Sequence[str]
    ) -> list[dict[str, list[int]]]:
        """Let it take one entry of a cast after the other.

        Gives after each of them the aggregates that it has hosts in.
        """
        found: list[dict[str, list[int]]] = self._ask(
            method=method, entries=entries, hosts=hosts
        )
        return found

    def beliefs(self) -> tuple[Any, Any]:
        """Give what it believes, and one that has just read the database."""
        heard, read = self._ask()
        return heard, read

    def _ask(self, **command: Any) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f'{json.dumps(command)}\n')
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError(self._log.read_text()[-3000:])
        return json.loads(answer)

    def _stop(self) -> None:
        # It ends with its input.
        self._process.communicate(timeout=_STOP)


def new_name() -> str:
    """Give a name that is also a uuid."""
    return str(uuid.uuid4())


def homes(aggregates: Iterable[records.Aggregate]) -> dict[str, set[int]]:
    """Give the aggregates that each host is in."""
    found: dict[str, set[int]] = {}
    for one in aggregates:
        for host in one.hosts:
            found.setdefault(host, set()).add(one.id)
    return found


def change(
    aggregates: Iterable[records.Aggregate], choose: random.Random
) -> list[Item]:
    """Give some change that moves hosts, and leaves none in no aggregate."""
    before = {one.id: frozenset(one.hosts) for one in aggregates}
    after = choose.choice(_KINDS)(before, choose)
    items = [_item(one, before[one], after.get(one)) for one in before]
    if NEW in after:
        name = new_name()
        add = tuple(sorted(after[NEW]))
        items.append(Item(None, uuid=name, name=name, add=add))
    return items


def _item(one: int, before: Hosts, after: Hosts | None) -> Item:
    left = after or frozenset()
    return Item(
        one,
        add=tuple(sorted(left - before)),
        remove=tuple(sorted(before - left)),
        delete=after is None,
    )


def _turn(before: State, ids: Sequence[int]) -> State:
    """Let each of several have the hosts of the one before it."""
    shifted = zip(ids, (*ids[1:], ids[0]), strict=True)
    return before | {to: before[one] for one, to in shifted}


def _swap(before: State, choose: random.Random) -> State:
    return _turn(before, choose.sample([*before], 2))


def _rotate(before: State, choose: random.Random) -> State:
    return _turn(before, choose.sample([*before], 3))


def _shuffle(before: State, choose: random.Random) -> State:
    """Put each host into one aggregate or two, whatever it was in."""
    found: dict[int, set[str]] = {one: set() for one in before}
    for host in HOSTS:
        for one in choose.sample([*before], choose.choice((1, 1, 2))):
            found[one].add(host)
    return {one: frozenset(hosts) for one, hosts in found.items()}


def _merge(before: State, choose: random.Random) -> State:
    """Delete one, whose hosts go to another."""
    if len(before) <= FEWEST:
        return _split(before, choose)
    gone, other = choose.sample([*before], 2)
    after = before | {other: before[other] | before[gone]}
    del after[gone]
    return after


def _split(before: State, choose: random.Random) -> State:
    """Make one that gets some of the hosts of all."""
    hosts = frozenset(choose.sample(HOSTS, choose.randint(1, len(HOSTS))))
    left = {one: present - hosts for one, present in before.items()}
    return left | {NEW: hosts}


_KINDS = (_swap, _rotate, _shuffle, _merge, _split)
