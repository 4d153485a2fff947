# SPDX-License-Identifier: Apache-2.0
"""Lists of hosts with ranges, wildcards, and ``!`` for those that are not."""

import dataclasses
import fnmatch
import functools
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from osc_aggext import ranges

# The same is in the schema.
FORM = (
    r'^!?(?:[A-Za-z0-9._*?-]|'
    r'\[[0-9]{1,12}(?:-[0-9]{1,12})?(?:,[0-9]{1,12}(?:-[0-9]{1,12})?)*\])+$'
)
LONGEST = 1000

_FORM = re.compile(FORM)
_WILD = re.compile(r'[*?]')


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """What a list stands for.

    :ivar folded: the hosts, as ranges
    :ivar idle: what of the list stands for no host
    """

    folded: list[str]
    idle: frozenset[str]


def reason_against(text: str) -> str | None:
    """Say why a text cannot stand in a list; None if it can."""
    if len(text) > LONGEST:
        return f'It has more than {LONGEST} characters.'
    if not _FORM.match(text) or text.endswith('\n'):
        return (
            f'{text[:80]!r} is no host, nor a pattern such as cmp-a[001-040], '
            'cmp-b*, or "!cmp-a017" for all but that.'
        )
    try:
        ranges.expand(text.removeprefix('!'))
    except ValueError as error:
        return f'{error}.'
    return None


def is_plain(entries: Iterable[str]) -> bool:
    """Say whether a list has nothing that the server does not know."""
    return not any(one.startswith('!') or _WILD.search(one) for one in entries)


class Expander:
    """Knows what wildcards stand for; asks for it once, and only if needed."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        """Take what gives the hosts that there are."""
        self._known = functools.cache(lambda: sorted(known()))

    def expand(self, entries: Sequence[str]) -> Chosen:
        """Give the hosts of a list: of those named, all but those with ``!``.

        It does not depend on the order of the list.
        """
        named: set[str] = set()
        excepted: set[str] = set()
        idle: set[str] = set()
        for entry in entries:
            found = self._hosts(entry.removeprefix('!'))
            if not found:
                idle.add(entry)
            (excepted if entry.startswith('!') else named).update(found)
        return Chosen(ranges.fold(named - excepted), frozenset(idle))

    def _hosts(self, pattern: str) -> set[str]:
        found: set[str] = set()
        for name in ranges.expand(pattern):
            if _WILD.search(name):
                match = re.compile(fnmatch.translate(name)).match
                found.update(host for host in self._known() if match(host))
            else:
                found.add(name)
        return found
