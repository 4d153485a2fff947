# SPDX-License-Identifier: Apache-2.0
"""How much one request may ask for."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What discovery tells; the defaults are those of the options.

    :ivar page: things in one answer of a list
    :ivar aggregates_per_change: aggregates that a change names
    :ivar memberships_per_change: hosts that it adds, removes or sets
    :ivar hosts_per_pattern: hosts that one pattern stands for
    :ivar body_bytes: size of a request's body
    :ivar change_retention_days: for which changes are kept; 0: for ever
    """

    page: int = 1000
    aggregates_per_change: int = 500
    memberships_per_change: int = 5000
    hosts_per_pattern: int = 10000
    body_bytes: int = 114688
    change_retention_days: int = 365
