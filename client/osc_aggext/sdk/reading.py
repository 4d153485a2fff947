# SPDX-License-Identifier: Apache-2.0
"""Aggregates and hosts: read."""

import functools
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any, TypeVar

from osc_aggext.sdk import paging
from osc_aggext.sdk import records
from osc_aggext.sdk import transport

T = TypeVar('T')


class Reading(transport.Transport):
    """The calls that read aggregates and hosts."""

    def root(self) -> dict[str, Any]:
        """Show the versions and limits of the server.

        :raises NoAPI: when it has no such API
        """
        return self.call('GET', '').body

    def aggregates(
        self,
        filters: transport.Query | None = None,
        *,
        sort: str | None = None,
        fields: Iterable[str] | None = None,
        most: int | None = None,
    ) -> paging.Listing[records.Aggregate]:
        """List aggregates, page by page.

        :param filters: by parameter, such as ``{'name': 'glob:rack-*'}``;
            ``queries`` writes values
        :param sort: keys with directions: ``name,host_count:desc``
        :param fields: what to read of each; without it all but the claims
        :param most: how many to give; without it all
        """
        query = _query(filters, sort=sort, fields=fields)
        return listing(
            self,
            '/aggregates',
            'aggregates',
            records.Aggregate.of,
            query,
            most,
        )

    def aggregate(self, one: int | str) -> records.Aggregate:
        """Show an aggregate by its id or uuid.

        :raises NotFound: when there is none
        """
        body = self.call('GET', f'/aggregates/{quoted(str(one))}').body
        return records.Aggregate.of(body['aggregate'])

    def hosts(
        self,
        filters: transport.Query | None = None,
        *,
        sort: str | None = None,
        fields: Iterable[str] | None = None,
        most: int | None = None,
    ) -> paging.Listing[records.Host]:
        """List hosts, also those in no aggregate, page by page.

        Parameters are as with ``aggregates``; all fields are read without
        ``fields``, but for ``instances``.
        """
        query = _query(filters, sort=sort, fields=fields)
        return listing(self, '/hosts', 'hosts', records.Host.of, query, most)

    def host(self, name: str) -> records.Host:
        """Show a host, also one that is gone but still a member.

        :raises NotFound: when nobody knows it
        """
        body = self.call('GET', f'/hosts/{quoted(name)}').body
        return records.Host.of(body['host'])


def listing(
    service: transport.Transport,
    path: str,
    member: str,
    of: Callable[[Mapping[str, Any]], T],
    query: transport.Query,
    most: int | None,
) -> paging.Listing[T]:
    """Give a list that is read page by page.

    :param member: what of an answer is the list
    :param of: reads one of it
    """
    read = functools.partial(_page, service, path, query, most)
    return paging.Listing(read, member, of, most)


def quoted(text: str) -> str:
    """Write a text as one part of a path."""
    return urllib.parse.quote(text, safe='')


def _page(
    service: transport.Transport,
    path: str,
    query: transport.Query,
    most: int | None,
    marker: str | None,
) -> paging.Page:
    given = {**query} if marker is None else {**query, 'marker': marker}
    if most is not None:
        given['limit'] = str(max(most, 1))
    return service.call('GET', path, query=given).body


def _query(
    filters: transport.Query | None,
    *,
    sort: str | None,
    fields: Iterable[str] | None,
) -> transport.Query:
    given = dict(filters or {})
    if sort is not None:
        given['sort'] = sort
    if fields is not None:
        given['fields'] = ','.join(fields)
    return given
