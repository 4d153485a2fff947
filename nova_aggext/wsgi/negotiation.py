# SPDX-License-Identifier: Apache-2.0
"""Which version a request asks for, and how the answer tells it."""

import functools
from typing import TYPE_CHECKING

import microversion_parse

from nova_aggext.wsgi import errors
from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import microversion

if TYPE_CHECKING:
    from _typeshed import wsgi

HEADER = 'OpenStack-API-Version'
_KEY = 'HTTP_OPENSTACK_API_VERSION'


def negotiate(
    environ: 'wsgi.WSGIEnvironment', api: wsgi_api.Api
) -> microversion.Version:
    """Find the version a request asks for; the minimum without a header.

    ``OpenStack-API-Version`` wins over the older header of an API, and
    entries of other services do not count (case mv-header-other-service).

    :raises InvalidAPIVersionString: for a version of no valid form
    """
    if not api.has_microversions:
        return api.supported.minimum
    older = None
    if api.legacy_header is not None:
        older = environ.get(_key(api.legacy_header))
    return _negotiated(api, environ.get(_KEY), older)


def require(version: microversion.Version, api: wsgi_api.Api) -> None:
    """Refuse a version that an API does not offer.

    :raises InvalidGlobalAPIVersion: which names those that it does
    """
    if version not in api.supported:
        raise errors.InvalidGlobalAPIVersion(
            version=version,
            minimum=api.supported.minimum,
            maximum=api.supported.maximum,
        )


@functools.lru_cache(maxsize=128)
def response_headers(
    api: wsgi_api.Api, version: microversion.Version, *, by_type: bool = False
) -> tuple[tuple[str, str], ...]:
    """Give the headers that tell what was negotiated.

    :param version: the version of the answer
    :param by_type: whether the media type was negotiated as well
    """
    told: list[tuple[str, str]] = []
    chosen_by = ['Accept'] if by_type else []
    if api.has_microversions:
        told.append((HEADER, f'{api.service_type} {version}'))
        chosen_by.append(HEADER)
        if api.legacy_header is not None:
            told.append((api.legacy_header, str(version)))
            chosen_by.append(api.legacy_header)
    if chosen_by:
        told.append(('Vary', ', '.join(chosen_by)))
    return tuple(told)


@functools.cache
def _key(header: str) -> str:
    """Give the key that a header of an API has in an environ."""
    return f'HTTP_{header.upper().replace("-", "_")}'


# Clients ask for few of them.
@functools.lru_cache(maxsize=128)
def _negotiated(
    api: wsgi_api.Api, current: str | None, older: str | None
) -> microversion.Version:
    asked = _asked(api, current, older)
    if asked is None:
        return api.supported.minimum
    if asked == 'latest':
        return api.supported.maximum
    return microversion.Version.parse(asked)


def _asked(
    api: wsgi_api.Api, current: str | None, older: str | None
) -> str | None:
    legacy = [] if api.legacy_header is None else [api.legacy_header]
    told = dict.fromkeys(legacy, older) | {HEADER: current}
    try:
        asked: str | None = microversion_parse.get_version(
            {name: text for name, text in told.items() if text is not None},
            service_type=api.service_type,
            legacy_headers=legacy,
        )
    except (TypeError, ValueError) as error:
        raise errors.InvalidAPIVersionString(version=current or '') from error
    return asked
