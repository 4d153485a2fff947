# SPDX-License-Identifier: Apache-2.0
"""Who asks for a change of many, and what is answered."""

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext import context
from nova_aggext.compute.bulk import resolution

Asked = compute_asked.Asked

# Asks the policy whether the caller may do what is asked; raises when not.
Permit = Callable[[Asked, resolution.Picture], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """Who asks for what, and how.

    :ivar most: aggregates that it may touch
    :ivar id: that the caller gave it; None lets the server choose
    :ivar digest: of the request as it was written
    """

    who: context.RequestContext
    asked: Asked
    permit: Permit
    digest: str
    most: int
    id: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What is answered.

    :ivar document: the change
    :ivar is_new: whether it was stored just now
    :ivar is_repeated: whether it was stored before, and answered as it is
    """

    document: Mapping[str, Any]
    is_new: bool = False
    is_repeated: bool = False
