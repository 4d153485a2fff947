# SPDX-License-Identifier: Apache-2.0
"""A placement for the mirror."""

from nova_aggext.placement import client


class Placement:
    """A placement of one provider, found by its name ``node``."""

    def __init__(self, *aggregates: str) -> None:
        self.present: client.Membership | None
        self.present = client.Membership('p', frozenset(aggregates), 0)
        self.asked: list[str] = []
        self.conflicts = 0
        self.puts: list[frozenset[str]] = []

    def get(self, key: str, _: object) -> client.Membership | None:
        """Find it by its uuid."""
        self.asked.append(key)
        return self.present if key == 'p' else None

    def find_provider(self, name: str, _: object) -> str | None:
        """Find it by its name."""
        self.asked.append(name)
        return 'p' if name == 'node' and self.present else None

    def put(
        self, seen: client.Membership, aggregates: frozenset[str], _: object
    ) -> client.Membership | None:
        """Refuse as often as told, and what is outdated; then take it."""
        if self.conflicts or self.present != seen:
            self.conflicts = max(0, self.conflicts - 1)
            return None
        self.puts.append(aggregates)
        self.present = client.Membership('p', aggregates, seen.generation + 1)
        return self.present
