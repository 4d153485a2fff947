# SPDX-License-Identifier: Apache-2.0
"""Plans that are kept in a file, to do exactly that later."""

import dataclasses
import json
from typing import Any

from osc_aggext.sdk import requests

_FORM = 'osc-aggext-plan'
_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What was planned.

    :ivar document: what is applied; it expects the effects of the plan
    :ivar source: the digest of the text of the file that was planned
    """

    manager: str
    document: requests.Document
    source: str

    def text(self) -> str:
        """Write it."""
        members = {_FORM: _VERSION, **dataclasses.asdict(self)}
        return json.dumps(members, indent=2, ensure_ascii=False) + '\n'


def read(text: str) -> Plan:
    """Read what ``text`` wrote.

    :raises ValueError: when it is something else
    """
    found: Any = json.loads(text)
    if not isinstance(found, dict) or found.pop(_FORM, None) != _VERSION:
        raise ValueError('it is no plan of this release')
    try:
        return Plan(**found)
    except TypeError as error:
        raise ValueError('it is no plan of this release') from error
