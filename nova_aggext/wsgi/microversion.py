# SPDX-License-Identifier: Apache-2.0
"""API versions: what they are, which range a thing exists in, negotiation."""

import dataclasses
import functools
import re
from collections.abc import MutableMapping

import microversion_parse

from nova_aggext import exception

SERVICE_TYPE = 'compute'
HEADER = 'OpenStack-API-Version'
LEGACY_HEADER = 'X-OpenStack-Nova-API-Version'

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
            raise exception.InvalidAPIVersionString(version=text)
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


# The legacy /v2 API, which has no microversions, counts as version 2.0.
LEGACY = Version(2, 0)
MINIMUM = Version(2, 1)
MAXIMUM = Version(2, 104)
END = Version(2**31, 0)

EVERY = Range(LEGACY, END)
SUPPORTED = Range(MINIMUM, MAXIMUM)


def negotiate(headers: MutableMapping[str, str], supported: Range) -> Version:
    """Find the version a request asks for; the minimum without a header.

    ``OpenStack-API-Version`` wins over ``X-OpenStack-Nova-API-Version``, and
    entries of other services do not count (case mv-header-other-service).

    :raises InvalidAPIVersionString: for a version of no valid form
    """
    asked = _asked(headers)
    if asked is None:
        return supported.minimum
    if asked == 'latest':
        return supported.maximum
    return Version.parse(asked)


def require(version: Version, supported: Range) -> None:
    """Refuse a version outside of the supported range.

    :raises InvalidGlobalAPIVersion: which names the supported range
    """
    if version not in supported:
        raise exception.InvalidGlobalAPIVersion(
            version=version,
            minimum=supported.minimum,
            maximum=supported.maximum,
        )


@functools.lru_cache(maxsize=128)
def response_headers(
    version: Version | None, *, by_type: bool = False
) -> tuple[tuple[str, str], ...]:
    """Give the headers that tell what was negotiated.

    :param version: the version of the answer; None where there are none
    :param by_type: whether the media type was negotiated as well
    """
    told: list[tuple[str, str]] = []
    chosen_by = ['Accept'] if by_type else []
    if version is not None:
        told.append((HEADER, f'{SERVICE_TYPE} {version}'))
        told.append((LEGACY_HEADER, str(version)))
        chosen_by += [HEADER, LEGACY_HEADER]
    if chosen_by:
        told.append(('Vary', ', '.join(chosen_by)))
    return tuple(told)


def _asked(headers: MutableMapping[str, str]) -> str | None:
    # The parser looks at every header that it is given.
    told = {
        name: headers[name]
        for name in (HEADER, LEGACY_HEADER)
        if name in headers
    }
    try:
        return microversion_parse.get_version(
            told,
            service_type=SERVICE_TYPE,
            legacy_headers=[LEGACY_HEADER],
        )
    except (TypeError, ValueError) as error:
        raise exception.InvalidAPIVersionString(
            version=headers.get(HEADER, '')
        ) from error
