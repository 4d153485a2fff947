# SPDX-License-Identifier: Apache-2.0
"""Every code that the own API tells of a failure, with status and title."""

import types
from collections.abc import Mapping

# Stands before each code where it is told.
PREFIX = 'host-aggregate.'

BY_STATUS: Mapping[int, Mapping[str, str]] = types.MappingProxyType(
    {
        400: {
            'request.invalid': 'The request is invalid',
            'query.invalid': 'A query parameter is invalid',
            'pattern.invalid': 'A pattern of hosts is invalid',
            'aggregate.unknown': 'There is no such aggregate',
            'host.unknown': 'There is no such host',
            'change.unknown': 'There is no such change',
            'change.contradictory': 'The change contradicts itself',
            'limit.exceeded': 'The request is too large',
            'metadata.collision': 'Metadata keys cannot be told apart',
        },
        403: {
            'forbidden': 'The policy does not allow it',
            'aggregate.protected': 'The aggregate is protected',
        },
        404: {
            'aggregate.not_found': 'There is no such aggregate',
            'host.not_found': 'There is no such host',
            'change.not_found': 'There is no such change',
            'manager.not_found': 'There is no such manager',
            'uri.not_found': 'There is nothing at this address',
        },
        405: {'method.not_allowed': 'The method is not allowed here'},
        406: {'version.unsupported': 'The version is not supported'},
        409: {
            'name.taken': 'The name is taken',
            'uuid.taken': 'The uuid is taken',
            'zone.conflict': 'A host would be in several zones',
            'zone.instances': 'Instances would change their zone',
            'aggregate.not_empty': 'The aggregate has hosts',
            'membership.unexpected': 'A membership is not as expected',
            'manager.conflict': 'Another manager claims it',
            'manager.drift': 'It was changed by somebody else',
            'change.id_reused': 'The id is that of another change',
            'revert.overtaken': 'It was changed again since',
        },
        410: {'changes.gone': 'These changes are not kept any more'},
        412: {
            'etag.mismatch': 'It is not what was read before',
            'plan.stale': 'The effects are not those that were planned',
        },
        415: {'media_type': 'The content type is not supported'},
        500: {'unexpected': 'An unexpected error'},
        503: {'unavailable': 'The service cannot answer at present'},
    }
)

TITLES: Mapping[str, str] = types.MappingProxyType(
    {
        code: title
        for codes in BY_STATUS.values()
        for code, title in codes.items()
    }
)

# What is told of a failure of which no more is known than its status.
_GENERAL: Mapping[int, str] = types.MappingProxyType(
    {
        400: 'request.invalid',
        403: 'forbidden',
        404: 'uri.not_found',
        405: 'method.not_allowed',
        406: 'version.unsupported',
        415: 'media_type',
        503: 'unavailable',
    }
)


def of_status(status: int) -> str:
    """Give the code of a failure that has none of its own."""
    return _GENERAL.get(status, 'unexpected')


def anchor(code: str) -> str:
    """Give where in the documentation a code is explained."""
    return code.replace('.', '-').replace('_', '-')
