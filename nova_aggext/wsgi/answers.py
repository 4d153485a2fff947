# SPDX-License-Identifier: Apache-2.0
"""What a method answers, where that is more than a document."""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An answer that a method gives instead of its document.

    :ivar body: the document; None for an empty answer
    :ivar status: the status code; None for that which the method declares
    :ivar headers: headers that it has beside those of the kit
    :ivar tag: the entity tag of the document, without quotes; who has it
        already is answered with 304
    """

    body: Any
    status: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    tag: str | None = None
