# SPDX-License-Identifier: Apache-2.0
"""Links into the own API."""

import urllib.parse
from collections.abc import Mapping
from collections.abc import Sequence

from nova_aggext.api import request
from nova_aggext.api.host_aggregate import api

# What stands for itself in a query of ours, beside what always does.
_SAFE = ':*,/'


def base(req: request.Request, prefix: str | None) -> str:
    """Give the URL that all addresses of the API begin with.

    :param prefix: what takes the place of all before the version of Nova's
        API, where the API is mounted below that
    """
    url: str = req.application_url.rstrip('/')
    root = req.api.root
    if root is None:
        root = api.ROOT if req.path_info.strip('/') else ''
    if root and prefix:
        _, mount = url.rsplit('/', 1)
        url = f'{prefix.rstrip("/")}/{mount}'
    return f'{url}{root}'


def link(rel: str, href: str) -> dict[str, str]:
    """Give a link."""
    return {'rel': rel, 'href': href}


def following(
    address: str, given: Mapping[str, Sequence[str]], marker: str
) -> str:
    """Give the address of the next page of a list.

    :param given: the parameters of this page
    """
    pairs = [
        (name, text)
        for name, texts in given.items()
        if name != 'marker'
        for text in texts
    ]
    query = urllib.parse.urlencode([*pairs, ('marker', marker)], safe=_SAFE)
    return f'{address}?{query}'
