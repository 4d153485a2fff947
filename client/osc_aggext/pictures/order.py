# SPDX-License-Identifier: Apache-2.0
"""The order of names for people."""

import re


def natural(name: str) -> list[tuple[int, str]]:
    """Give what sorts names as people count: 2 before 10."""
    return [
        (int(part) if part.isdecimal() else -1, part)
        for part in re.split('([0-9]+)', name)
        if part
    ]
