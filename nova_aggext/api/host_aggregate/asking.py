# SPDX-License-Identifier: Apache-2.0
"""Hands a change of many over, and gives its refusal in this API's form."""

import contextlib
from collections.abc import Iterator
from typing import Any

from nova_aggext.api import request
from nova_aggext.api.host_aggregate import causes
from nova_aggext.api.host_aggregate import permission
from nova_aggext.api.host_aggregate import sight
from nova_aggext.compute import etags
from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import problems


def order(
    req: request.Request,
    asked: compute_asked.Asked,
    body: Any,
    most: int,
    change_id: str | None = None,
) -> orders.Order:
    """Give what a request orders, permitted as its caller is.

    :param body: of the request, as it was sent
    :param most: how many aggregates it may change
    :param change_id: that the caller chose
    """
    return orders.Order(
        req.context,
        asked,
        lambda asked, picture: permission.require(req.context, asked, picture),
        etags.digest(body),
        most,
        change_id,
    )


@contextlib.contextmanager
def refusing(seen: sight.Sight) -> Iterator[None]:
    """Raise ``errors.Refused`` for what speaks against a change.

    :param seen: what the caller may be told of
    """
    try:
        yield
    except problems.ChangeRefused as error:
        raise causes.refused(error, seen.of) from error
