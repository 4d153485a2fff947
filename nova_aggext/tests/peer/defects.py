# SPDX-License-Identifier: Apache-2.0
"""Where Nova answers wrongly, as data: which differences are known.

The numbers are those of the table of differences in the documentation.
"""

import dataclasses
import re

# What Nova's tables cannot hold.
ASTRAL = r'[\ud800-\udfff\U00010000-\U0010ffff]'
# One key twice, but for its case.
SAME_KEY = r'(?i)"([^"]+) *": .*"\1 *":'
# A value of a zone that create and update refuse.
BAD_ZONE = r'"availability_zone": "(\s[^"]*|[^"]*(:|\\t|\\n|\s)[^"]*|)"'


@dataclasses.dataclass(frozen=True)
class Defect:
    """One known difference.

    :ivar kind: the kind of request, as a regular expression
    :ivar statuses: what Nova and this package answer
    :ivar request: what the body looks like, as a regular expression
    """

    number: str
    kind: str
    statuses: tuple[int, int]
    request: str = ''

    def explains(
        self, kind: str, statuses: tuple[int, int], request: str
    ) -> bool:
        """Tell whether this is why two answers differ."""
        return (
            re.fullmatch(self.kind, kind) is not None
            and self.statuses == statuses
            and re.search(self.request, request) is not None
        )


DEFECTS = (
    Defect('D1', 'update', (400, 400), '"name".*"availability_zone"'),
    Defect('D2', 'set_metadata', (400, 400), 'null'),
    Defect('D2', 'set_metadata', (500, 400), 'null'),
    Defect('D3', 'add_host', (404, 404), '"nodeless"'),
    Defect('D5', 'remove_host', (500, 404)),
    Defect('D6', 'set_metadata', (500, 400), SAME_KEY),
    Defect('D7', 'set_metadata', (200, 200), 'null'),
    Defect('D9', 'add_host', (409, 200)),
    Defect('D10', 'set_metadata', (200, 400), BAD_ZONE),
    Defect('D10', 'set_metadata', (404, 400), BAD_ZONE),
    Defect('D11', 'create|update|set_metadata', (200, 400), r'\\n"'),
    Defect('D11', 'update|set_metadata', (404, 400), r'\\n"'),
    Defect('D11', 'create|update', (409, 400), r'\\n"'),
    Defect('D11', 'add_host|remove_host', (404, 400), r'\\n"'),
    Defect('D12', '.*', (200, 404)),
    Defect('D13', 'set_metadata', (500, 400), ASTRAL),
    Defect('D14', 'raw', (500, 400)),
    Defect('D14', 'show|list|delete', (500, 200)),
    Defect('D16', 'set_metadata v2', (200, 400)),
    Defect('D16', 'set_metadata v2', (500, 400)),
    Defect('D17', 'update v2', (200, 200), '"availability_zone": "\\s*'),
    Defect('D19', 'remove_host', (409, 404)),
    Defect('D20', 'raw', (404, 400)),
)
