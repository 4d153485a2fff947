# SPDX-License-Identifier: Apache-2.0
"""What is not asked for, where None is something that can be."""

import enum
from typing import Final


class Unset(enum.Enum):
    """The type of ``UNSET``."""

    UNSET = 'unset'


UNSET: Final = Unset.UNSET
