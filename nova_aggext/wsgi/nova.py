# SPDX-License-Identifier: Apache-2.0
"""Nova's API, which the kit knows of here and nowhere else."""

import dataclasses
from typing import Any

from nova_aggext.wsgi import api
from nova_aggext.wsgi import microversion

MEDIA_TYPE = 'application/vnd.openstack.compute+json'
VERSION_HEADER = 'X-OpenStack-Nova-API-Version'
REQUEST_ID_HEADER = 'x-compute-request-id'

NAMES = {
    400: 'badRequest',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'itemNotFound',
    405: 'badMethod',
    409: 'conflictingRequest',
    413: 'overLimit',
    415: 'badMediaType',
    429: 'overLimit',
    501: 'notImplemented',
    503: 'serviceUnavailable',
}


def fault(failure: api.Failure) -> dict[str, Any]:
    """Give Nova's fault.

    ``{"itemNotFound": {"code": 404, "message": "..."}}``: the one key follows
    from the status (all HTTP cases).
    """
    name = NAMES.get(failure.status, 'computeFault')
    return {name: {'code': failure.status, 'message': failure.message}}


CURRENT = api.Api(
    service_type='compute',
    supported=microversion.Range.parse('2.1', '2.104'),
    fault=fault,
    legacy_header=VERSION_HEADER,
    media_types=(api.JSON, MEDIA_TYPE),
    # text/plain and no type at all count as JSON (case ct-accepted-create).
    content_types=frozenset((api.JSON, MEDIA_TYPE, 'text/plain', '')),
    tags_answers=True,
)
# Mounted at /v2; it has no microversions and counts as 2.0 (cases v2-extra,
# v2-version-ignored).
LEGACY = dataclasses.replace(
    CURRENT,
    supported=microversion.Range.parse('2.0', '2.0'),
    has_microversions=False,
    is_lenient=True,
)


def at_legacy_mount(other: api.Api) -> api.Api:
    """Give what an API is where the legacy one is mounted."""
    return LEGACY if other is CURRENT else other
