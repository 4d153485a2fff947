# SPDX-License-Identifier: Apache-2.0
"""Where in a document a field is wanted, as a JSON pointer."""

from nova_aggext.compute.managers import desired
from nova_aggext.compute.managers import fields


def of(
    document: desired.Document, wanted: desired.Wanted | None, field: str
) -> str:
    """Give the place of what a field should be, or of what leaves it out.

    :param wanted: of whose aggregate; None if the document has it no more
    """
    if wanted is None:
        return f'{document.place}/prune'
    whole, name = fields.split(field)
    if field in wanted.fields:
        if whole == fields.HOSTS:
            return wanted.hosts[name]
        # No name of a field has a character that is special in pointers.
        return f'{wanted.place}/{field}'
    if whole in wanted.exclusive:
        return f'{wanted.place}/exclusive'
    return wanted.place
