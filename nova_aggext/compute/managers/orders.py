# SPDX-License-Identifier: Apache-2.0
"""What a manager is asked to apply, and how."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute.managers import desired

_ANY_TAG = '*'


@dataclasses.dataclass(frozen=True, slots=True)
class Conditions:
    """What the stored document must be; None is no condition.

    :ivar if_match: entity tags, one of which it must have, or ``*`` for any
    :ivar if_none_match: those of which it must have none, or ``*`` for all
    """

    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None

    def are_met(self, etag: str | None) -> bool:
        """Say whether a document will do.

        :param etag: None where there is none
        """
        if etag is None:
            return self.if_match is None
        tags = {_ANY_TAG, etag}
        if self.if_match is not None and not tags & self.if_match:
            return False
        return not (self.if_none_match and tags & self.if_none_match)


ANY = Conditions()


@dataclasses.dataclass(frozen=True, slots=True)
class Application:
    """A document of a manager that is to be applied.

    :ivar wanted: what it means
    :ivar document: what is kept of it: as it was sent, but for what is of
        this request alone
    """

    manager: str
    wanted: desired.Document
    document: Mapping[str, Any]
    conditions: Conditions = ANY

    @property
    def description(self) -> str | None:
        """What the manager says of itself."""
        told: str | None = self.document.get('description')
        return told
