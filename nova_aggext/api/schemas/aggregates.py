# SPDX-License-Identifier: Apache-2.0
"""Schemas of the host-aggregates API.

Limits and forms are those of the captured cases name-*, az-*, host-*, meta-*
and v2-*.
"""

from typing import Any, Final

Schema = dict[str, Any]

NAME: Final[Schema] = {
    'type': 'string',
    'minLength': 1,
    'maxLength': 255,
    'allOf': [{'format': 'printable'}, {'format': 'stripped'}],
}
# The limit counts the blanks, which are stripped (name-update-length-spaces).
NAME_WITH_BLANKS: Final[Schema] = {
    'type': 'string',
    'minLength': 1,
    'maxLength': 255,
    'allOf': [{'format': 'printable'}, {'format': 'not-blank'}],
}

NO_COLON: Final[Schema] = {'pattern': '^[^:]*$'}
ZONE: Final[Schema] = {**NAME, 'allOf': [*NAME['allOf'], NO_COLON]}
ZONE_WITH_BLANKS: Final[Schema] = {
    **NAME_WITH_BLANKS,
    'allOf': [*NAME_WITH_BLANKS['allOf'], NO_COLON],
}

HOST: Final[Schema] = {
    'type': 'string',
    'minLength': 1,
    'maxLength': 255,
    'pattern': r'^[a-zA-Z0-9._-]*\Z',
}

METADATA_KEY: Final = r'^[a-zA-Z0-9_:. -]{1,255}\Z'
METADATA_VALUE: Final[Schema] = {
    'type': ['string', 'null'],
    'maxLength': 255,
    'format': 'basic-plane',
}

UUID: Final[Schema] = {'type': 'string', 'format': 'uuid'}


def _nullable(schema: Schema) -> Schema:
    return {'anyOf': [{'type': 'null'}, schema]}


def _object(
    properties: Schema, required: list[str] | None = None, **more: Any
) -> Schema:
    return {
        'type': 'object',
        'properties': properties,
        'required': required or [],
        'additionalProperties': False,
        **more,
    }


def _create(name: Schema, zone: Schema) -> Schema:
    inner = _object(
        {'name': name, 'availability_zone': _nullable(zone)}, ['name']
    )
    return _object({'aggregate': inner}, ['aggregate'])


def _update(zone: Schema) -> Schema:
    inner = _object(
        {'name': NAME_WITH_BLANKS, 'availability_zone': _nullable(zone)},
        minProperties=1,
    )
    return _object({'aggregate': inner}, ['aggregate'])


def _host_action(name: str) -> Schema:
    return _object({name: _object({'host': HOST}, ['host'])}, [name])


CREATE = _create(NAME, ZONE)
CREATE_V20 = _create(NAME_WITH_BLANKS, ZONE_WITH_BLANKS)
UPDATE = _update(ZONE)
UPDATE_V20 = _update(ZONE_WITH_BLANKS)
ADD_HOST = _host_action('add_host')
REMOVE_HOST = _host_action('remove_host')

# Unknown keys of the metadata itself are refused in every version (D16).
METADATA: Final[Schema] = {
    'type': 'object',
    'patternProperties': {
        r'^availability_zone\Z': {'anyOf': [{'type': 'null'}, ZONE]},
        METADATA_KEY: METADATA_VALUE,
    },
    'additionalProperties': False,
}
SET_METADATA = _object(
    {'set_metadata': _object({'metadata': METADATA}, ['metadata'])},
    ['set_metadata'],
)

IMAGES = _object(
    {
        'cache': {
            'type': 'array',
            'minItems': 1,
            'items': _object({'id': UUID}, ['id']),
        }
    },
    ['cache'],
)

ANY_QUERY: Final[Schema] = {'type': 'object'}
NO_QUERY = _object({})

TIME: Final[Schema] = {
    'type': 'string',
    'pattern': r'^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.0{6}\Z',
}
_CREATED: Final[Schema] = {
    'availability_zone': {'type': ['string', 'null']},
    'created_at': _nullable(TIME),
    'deleted': {'const': False},
    'deleted_at': {'type': 'null'},
    'id': {'type': 'integer', 'minimum': 1},
    'name': {'type': 'string'},
    'updated_at': _nullable(TIME),
}
_WHOLE: Final[Schema] = {
    **_CREATED,
    'hosts': {'type': 'array', 'items': {'type': 'string'}},
    'metadata': {
        'type': 'object',
        'additionalProperties': {'type': 'string'},
    },
}
_UUID: Final[Schema] = {'uuid': {'type': ['string', 'null']}}


def _answer(properties: Schema) -> Schema:
    return _object(properties, list(properties))


CREATED = _answer({'aggregate': _answer(_CREATED)})
CREATED_V241 = _answer({'aggregate': _answer(_CREATED | _UUID)})
SHOWN = _answer({'aggregate': _answer(_WHOLE)})
SHOWN_V241 = _answer({'aggregate': _answer(_WHOLE | _UUID)})
LISTED = _answer({'aggregates': {'type': 'array', 'items': _answer(_WHOLE)}})
LISTED_V241 = _answer(
    {'aggregates': {'type': 'array', 'items': _answer(_WHOLE | _UUID)}}
)
NOTHING: Final[Schema] = {'type': 'null'}
