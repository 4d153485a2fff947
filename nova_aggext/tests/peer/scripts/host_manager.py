# SPDX-License-Identifier: Apache-2.0
"""The HostManager of a Nova, fed with casts by hand.

Run by the Python of that Nova, with the file nova.conf as its argument. Each
line of its input is a command as JSON, each line of its output the answer:

``{"method": ..., "entries": [...], "hosts": [...]}``
    Gives the HostManager one entry of a cast after the other; answers after
    each of them in which aggregates the hosts are.
``{}``
    Answers what it believes, and what one believes that has just read all.
"""

import json
import sys
from typing import Any, TextIO

from nova import config  # type: ignore[import-not-found]
from nova import context
from nova import objects
from nova.objects import base  # type: ignore[import-not-found]
from nova.scheduler import host_manager  # type: ignore[import-not-found]

_CONTEXT = context.get_admin_context()
_SERIALIZER = base.NovaObjectSerializer()


def _serve(manager: Any, lines: TextIO, answers: TextIO) -> None:
    for line in lines:
        command = json.loads(line)
        answer = _take(manager, **command) if command else _compare(manager)
        print(json.dumps(answer), file=answers, flush=True)


def _take(manager: Any, method: str, entries: Any, hosts: Any) -> Any:
    seen = []
    for entry in entries:
        taken = _SERIALIZER.deserialize_entity(_CONTEXT, entry)
        if method == 'update_aggregates':
            manager.update_aggregates([taken])
        else:
            manager.delete_aggregate(taken)
        seen.append({host: _aggregates(manager, host) for host in hosts})
    return seen


def _compare(manager: Any) -> Any:
    return [_belief(manager), _belief(host_manager.HostManager())]


def _belief(manager: Any) -> Any:
    aggregates = {
        one.id: [one.name, sorted(one.hosts), one.metadata]
        for one in manager.aggs_by_id.values()
    }
    hosts = {
        host: _aggregates(manager, host)
        for host, ids in manager.host_aggregates_map.items()
        if ids
    }
    return {'aggregates': aggregates, 'hosts': hosts}


def _aggregates(manager: Any, host: str) -> list[int]:
    """Give the ids of the aggregates that a host is in."""
    ids = manager.host_aggregates_map.get(host, ())
    return sorted(one for one in ids if one in manager.aggs_by_id)


def _main() -> None:
    # What else is printed must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    config.parse_args(['nova', '--config-file', sys.argv[1]])
    objects.register_all()
    _serve(host_manager.HostManager(), sys.stdin, answers)


if __name__ == '__main__':
    _main()
