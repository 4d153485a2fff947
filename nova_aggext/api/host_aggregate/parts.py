# SPDX-License-Identifier: Apache-2.0
"""Parts that several kinds of requests have in common.

What is wrong is said of the place where it stands, as a JSON Pointer.
"""

import re
from typing import Any

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import forms
from nova_aggext.compute import limits as compute_limits
from nova_aggext.compute import patterns
from nova_aggext.db import collation
from nova_aggext.db import records

Members = forms.Members

_KEY = re.compile(r'[a-zA-Z0-9_:. -]{1,255}\Z')
_TAG = re.compile(r'[0-9a-f]{32}\Z')
_REASON = 255
_DESCRIPTION = 1024
_OWNER = 255
_ZONE = collation.fold(records.ZONE_KEY)


class Reader(forms.Reader):
    """Reads the parts of a request, and counts how much it asks for."""

    def __init__(self, limits: compute_limits.Limits) -> None:
        super().__init__()
        self.limits = limits
        self._memberships = 0

    def expanded(self, ways: Members, at: str, way: str) -> dict[str, str]:
        """Give the hosts of a list of names and patterns, with places."""
        places: dict[str, str] = {}
        for hosts, place in self.items(ways, at, way, self.pattern):
            for host in hosts:
                places.setdefault(host, place)
        return places

    def pattern(self, value: Any, at: str) -> tuple[list[str], str]:
        """Give the hosts that a text stands for, and its place."""
        if not isinstance(value, str):
            self.fail(at, 'It must be a text.')
            return [], at
        most = self.limits.hosts_per_pattern
        try:
            found = patterns.expand(value, most)
        except patterns.Invalid as error:
            self.fail(at, f'{value[:80]!r}: {error}.', code='pattern.invalid')
            return [], at
        except patterns.TooMany:
            self.exceeded(at, 'hosts_per_pattern', most)
            return [], at
        self.count(len(found), at)
        return found, at

    def values(self, value: Any, at: str) -> dict[str, str]:
        if not isinstance(value, dict):
            self.fail(at, 'It must be an object.')
            return {}
        for key, one in value.items():
            place = f'{at}{errors.pointer([key])}'
            self.key(key, place)
            if (
                not isinstance(one, str)
                or len(one) > 255
                or not forms.is_basic(one)
            ):
                self.fail(place, 'It must be a text of up to 255 characters.')
        return {k: v for k, v in value.items() if isinstance(v, str)}

    def key(self, key: str, at: str) -> None:
        if not _KEY.match(key):
            self.fail(at, f'{key[:80]!r} cannot be a key of metadata.')
        elif collation.fold(key) == _ZONE:
            self.fail(at, 'The zone is no metadata: see availability_zone.')

    def tag(self, value: Any, at: str) -> str:
        wanted = 'It must be 32 hexadecimal digits.'
        return self.match(value, at, lambda t: bool(_TAG.match(t)), wanted)

    def choice(self, value: Any, at: str) -> str:
        wanted = 'It must be refuse or skip.'
        return self.match(value, at, lambda t: t in ('refuse', 'skip'), wanted)

    def name(self, value: Any, at: str) -> str:
        wanted = (
            'It must be 1 to 255 printable characters, without blanks at its '
            'ends.'
        )
        return self.match(value, at, forms.is_name, wanted)

    def zone_name(self, value: Any, at: str) -> str:
        wanted = (
            'It must be 1 to 255 printable characters, without colons and '
            'blanks at its ends.'
        )
        return self.match(
            value, at, lambda t: forms.is_name(t) and ':' not in t, wanted
        )

    def reason(self, value: Any, at: str) -> str:
        wanted = f'It must be up to {_REASON} printable characters.'
        return self.match(
            value,
            at,
            lambda t: (
                len(t) <= _REASON and t.isprintable() and forms.is_basic(t)
            ),
            wanted,
        )

    def description(self, value: Any, at: str) -> str:
        if isinstance(value, str) and len(value) > _DESCRIPTION:
            self.fail(
                at,
                f'It must have up to {_DESCRIPTION} characters.',
                code='limit.exceeded',
                limit='description',
                maximum=_DESCRIPTION,
            )
            return ''
        wanted = 'It must be a text, with no control characters but newlines.'
        return self.match(value, at, forms.is_prose, wanted)

    def owner(self, value: Any, at: str) -> str:
        wanted = f'It must be 1 to {_OWNER} printable characters.'
        return self.match(
            value,
            at,
            lambda t: 0 < len(t) <= _OWNER and t.isprintable(),
            wanted,
        )

    def count(self, number: int, at: str) -> None:
        """Count memberships; one that is too many ends the reading."""
        self._memberships += number
        most = self.limits.memberships_per_change
        if self._memberships > most:
            self.exceeded(at, 'memberships_per_change', most)
            raise errors.Refused(400, self.problems)

    def exceeded(self, at: str, name: str, most: int) -> None:
        self.fail(
            at,
            f'It asks for more than {name} allows, {most}.',
            code='limit.exceeded',
            limit=name,
            maximum=most,
        )
