# SPDX-License-Identifier: Apache-2.0
"""API versions: what they are, and which range a thing exists in."""

import dataclasses
import re

from nova_aggext.wsgi import errors

# No number is longer than what int() converts at once.
_FORM = re.compile(r'([1-9][0-9]{0,999})\.([1-9][0-9]{0,999}|0)')


@dataclasses.dataclass(frozen=True, order=True, slots=True)
class Version:
    """A microversion; versions compare by their numbers."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> 'Version':
        """Read ``MAJOR.MINOR``.

        :raises InvalidAPIVersionString: for any other form, such as
            ``2.041``, ``v2.1`` or digits that are not ASCII
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise errors.InvalidAPIVersionString(version=text)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f'{self.major}.{self.minor}'


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """Versions from ``minimum`` to ``maximum``, both included."""

    minimum: Version
    maximum: Version

    @classmethod
    def parse(cls, minimum: str, maximum: str | None = None) -> 'Range':
        """Read a range; without a maximum it has no end."""
        top = Version.parse(maximum) if maximum else END
        return cls(Version.parse(minimum), top)

    def __contains__(self, version: Version) -> bool:
        return self.minimum <= version <= self.maximum

    def overlaps(self, other: 'Range') -> bool:
        """Say whether some version is in both ranges."""
        return self.minimum <= other.maximum and other.minimum <= self.maximum


END = Version(2**31, 0)
EVERY = Range(Version(0, 0), END)
