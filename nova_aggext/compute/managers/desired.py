# SPDX-License-Identifier: Apache-2.0
"""What a manager wants: its document, once it was read.

Each part has the place where it stands, a JSON pointer.
"""

import dataclasses
from collections.abc import Mapping

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.managers import fields

Places = compute_asked.Places
Value = fields.Value


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one aggregate; what is not given is left to others.

    :ivar scalars: values by their names; None is none
    :ivar hosts: that shall be in it, with their places
    :ivar metadata: values by keys; None for a key that shall not be there
    :ivar exclusive: collections that shall have nothing else
    :ivar is_absent: it is given up, and what it was given goes
    """

    place: str
    name: str
    scalars: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    hosts: Places = dataclasses.field(default_factory=dict)
    metadata: Mapping[str, str | None] = dataclasses.field(
        default_factory=dict
    )
    exclusive: frozenset[str] = frozenset()
    is_absent: bool = False

    @property
    def fields(self) -> dict[str, Value]:
        """The fields that are given, with the values that they shall have."""
        return {
            fields.NAME: self.name,
            **self.scalars,
            **{fields.of_key(key): to for key, to in self.metadata.items()},
            **{fields.of_host(host): True for host in self.hosts},
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """All that a manager wants; no two parts are of one name.

    :ivar place: where it stands
    :ivar prune: undo what is not wanted any more
    :ivar force: take from other managers what they claim otherwise
    :ivar refuses_drift: let be what others have changed
    """

    place: str
    aggregates: tuple[Wanted, ...]
    prune: bool = False
    force: bool = False
    refuses_drift: bool = False
