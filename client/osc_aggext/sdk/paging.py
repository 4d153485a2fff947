# SPDX-License-Identifier: Apache-2.0
"""Lists that are read page by page."""

import urllib.parse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

T = TypeVar('T')

Page = Mapping[str, Any]


class Listing(Generic[T]):
    """What a list has, read as it is gone through; once.

    :ivar total: how many there are in all, if that was asked for
    """

    def __init__(
        self,
        read: Callable[[str | None], Page],
        member: str,
        of: Callable[[Mapping[str, Any]], T],
        most: int | None = None,
    ) -> None:
        """Take how pages are read.

        :param read: gives the page after a marker
        :param member: what of a page is the list
        :param of: reads one of it
        :param most: how many to give; None gives all
        """
        self._read = read
        self._member = member
        self._of = of
        self._most = most
        self._first: Page | None = None

    @property
    def position(self) -> str:
        """The position of the feed that the first page shows.

        Give it to ``follow``, and nothing is missed.
        """
        return str(self._start()['position'])

    @property
    def total(self) -> int | None:
        """How many there are in all, if that was asked for."""
        return self._start().get('count')

    def __iter__(self) -> Iterator[T]:
        left = self._most
        page: Page | None = self._start()
        while page is not None:
            for shown in page[self._member]:
                if left == 0:
                    return
                left = None if left is None else left - 1
                yield self._of(shown)
            marker = None if left == 0 else _marker(page)
            page = None if marker is None else self._read(marker)

    def _start(self) -> Page:
        if self._first is None:
            self._first = self._read(None)
        return self._first


def _marker(page: Page) -> str | None:
    """Give the marker of the next page, if there is one."""
    for link in page.get('links', ()):
        if link['rel'] == 'next':
            query = urllib.parse.urlsplit(link['href']).query
            return urllib.parse.parse_qs(query)['marker'][0]
    return None
