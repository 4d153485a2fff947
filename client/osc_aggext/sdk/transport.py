# SPDX-License-Identifier: Apache-2.0
"""Requests to ``/os-aggext``: version, errors, JSON."""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import requests
from openstack import proxy

from osc_aggext.sdk import errors

SERVICE_TYPE = 'host-aggregate'
# The newest version that this package was written for.
NEWEST = '1.0'

Query = Mapping[str, str | Sequence[str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    :ivar body: the document; empty where there is none
    :ivar etag: of what was read, with its quotes
    """

    status: int
    body: dict[str, Any]
    etag: str | None


class Transport(proxy.Proxy):
    """A service whose answers are JSON and whose errors are exceptions."""

    api_version = '1'
    _version = NEWEST
    _negotiates = True

    def use_version(self, version: str) -> None:
        """Choose the version of the API.

        :param version: ``1.0`` and the like; ``1``: the newest that both
            sides know
        """
        self._negotiates = '.' not in version
        self._version = NEWEST if self._negotiates else version

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the server.

        :param path: below the root of the API, with a slash before it
        :raises Refused: when it refuses, with all that it told
        :raises NoAPI: when it has no such API
        """
        try:
            return self._call(method, path, query, body, headers)
        except errors.VersionUnsupported as error:
            if not self._negotiates or not _is_older(error.versions[1]):
                raise
            # A server of an older release: what it knows will do.
            self._version = error.versions[1]
        return self._call(method, path, query, body, headers)

    def _call(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        given: dict[str, Any] = {} if body is None else {'json': body}
        response = self.request(
            path,
            method,
            params=query or {},
            headers={'Accept': 'application/json', **(headers or {})},
            microversion=self._version,
            microversion_service_type=SERVICE_TYPE,
            # A change must not be answered from what was read before.
            skip_cache=True,
            **given,
        )
        if response.status_code >= 400:
            raise errors.of(response, str(self.endpoint_override))
        return Answer(
            response.status_code,
            _document(response),
            response.headers.get('ETag'),
        )


def _document(response: requests.Response) -> dict[str, Any]:
    return dict(response.json()) if response.content else {}


def _is_older(version: str) -> bool:
    """Say whether a version is of our major one and not newer than ours."""
    found = [int(part) for part in version.split('.')]
    newest = [int(part) for part in NEWEST.split('.')]
    return found[0] == newest[0] and found <= newest
