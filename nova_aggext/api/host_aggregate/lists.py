# SPDX-License-Identifier: Apache-2.0
"""What the answers of all lists have in common."""

from typing import Any

from nova_aggext import wsgi
from nova_aggext.api.host_aggregate import links
from nova_aggext.compute import etags


def answer(
    shown: dict[str, Any],
    position: int | None,
    *,
    count: int | None,
    following: str | None,
) -> wsgi.Answer:
    """Answer with a page of a list, which has a tag of its own.

    :param position: of the feed, which the tag does not depend on
    :param count: of all pages, where it was asked for
    :param following: the address of the next page, if there is one
    """
    body = dict(shown)
    if count is not None:
        body['count'] = count
    body['links'] = [links.link('next', following)] if following else []
    tag = etags.digest(body)
    if position is not None:
        body['position'] = str(position)
    return wsgi.Answer(body, tag=tag)
