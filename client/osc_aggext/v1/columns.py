# SPDX-License-Identifier: Apache-2.0
"""Values of columns: folded for people, whole for programs."""

from typing import Any

from cliff import columns

from osc_aggext import ranges
from osc_aggext.sdk import records


class Zone(columns.FormattableColumn[records.Host]):
    """The zone of a host; people are also told who gives it."""

    def human_readable(self) -> str:
        """Name the zone, and the aggregates that give it."""
        host = self._value
        if host.default_zone:
            return f'{host.availability_zone} (default)'
        names = [
            one.name
            for one in host.aggregates or ()
            if one.availability_zone == host.availability_zone
        ]
        return f'{host.availability_zone} (by aggregate {", ".join(names)})'

    def machine_readable(self) -> Any:
        """Give the zone alone."""
        return self._value.availability_zone


class Names(columns.FormattableColumn[list[str]]):
    """Some names, in the order given."""

    def human_readable(self) -> str:
        """Part them by commas."""
        return ', '.join(self._value) or 'None'

    def machine_readable(self) -> list[str]:
        """Give a list."""
        return list(self._value)


class Texts(columns.FormattableColumn[list[str]]):
    """Some texts, one on each line."""

    def human_readable(self) -> str:
        """Part them by lines."""
        return '\n'.join(self._value) or 'None'

    def machine_readable(self) -> list[str]:
        """Give a list."""
        return list(self._value)


class Hosts(columns.FormattableColumn[list[str]]):
    """Hosts; people see them folded to ranges."""

    def human_readable(self) -> str:
        """Fold them, one pattern on each line."""
        return '\n'.join(ranges.fold(self._value))

    def machine_readable(self) -> list[str]:
        """Give a list."""
        return list(self._value)


class Properties(columns.FormattableColumn[dict[str, str]]):
    """Metadata."""

    def human_readable(self) -> str:
        """Write ``key='value'``, as the other commands do."""
        return ', '.join(
            f'{key}={value!r}' for key, value in sorted(self._value.items())
        )

    def machine_readable(self) -> dict[str, str]:
        """Give an object."""
        return dict(self._value)
