# SPDX-License-Identifier: Apache-2.0
"""Aggregates and errors in Nova's wire form (SIDE_EFFECTS, sections 2, 3).

The classes are made without being registered: inside nova-api the registry
of versioned objects is Nova's.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from oslo_versionedobjects import base
from oslo_versionedobjects import fields


class _NovaObject(base.VersionedObject):
    OBJ_PROJECT_NAMESPACE = 'nova'
    OBJ_SERIAL_NAMESPACE = 'nova_object'


@base.VersionedObjectRegistry.objectify
class Aggregate(_NovaObject):
    """An aggregate as Nova's services hand it to each other."""

    VERSION = '1.3'
    fields = {
        'id': fields.IntegerField(),
        # Rows of old releases of Nova may lack it.
        'uuid': fields.UUIDField(nullable=True),
        'name': fields.StringField(),
        'hosts': fields.ListOfStringsField(),
        'metadata': fields.DictOfStringsField(),
        'created_at': fields.DateTimeField(nullable=True),
        'updated_at': fields.DateTimeField(nullable=True),
        'deleted_at': fields.DateTimeField(nullable=True),
        'deleted': fields.BooleanField(),
    }


@base.VersionedObjectRegistry.objectify
class AggregatePayload(_NovaObject):
    """An aggregate in a notification; hardly anything is known at start."""

    VERSION = '1.1'
    fields = {
        'id': fields.IntegerField(nullable=True),
        # Rows of old releases of Nova may lack it.
        'uuid': fields.UUIDField(nullable=True),
        'name': fields.StringField(),
        'hosts': fields.ListOfStringsField(nullable=True),
        'metadata': fields.DictOfStringsField(nullable=True),
    }


@base.VersionedObjectRegistry.objectify
class ExceptionPayload(_NovaObject):
    """An error in a notification."""

    VERSION = '1.1'
    fields = {
        'module_name': fields.StringField(),
        'function_name': fields.StringField(),
        'exception': fields.StringField(),
        'exception_message': fields.StringField(),
        'traceback': fields.StringField(),
    }


def primitive(kind: type[base.VersionedObject], **values: Any) -> Any:
    """Give the wire form of an object, as JSON can hold it."""
    made = kind(**values)
    made.obj_reset_changes()
    return made.obj_to_primitive()


def snapshot(aggregate: Mapping[str, Any]) -> Any:
    """Give the wire form of an aggregate; times are naive and in UTC.

    :param aggregate: its fields, without those of the deletion
    """
    times = {
        name: _aware(aggregate[name]) for name in ('created_at', 'updated_at')
    }
    values = {
        **aggregate,
        **times,
        'hosts': list(aggregate['hosts']),
        'metadata': dict(aggregate['metadata']),
    }
    return primitive(Aggregate, **values, deleted_at=None, deleted=False)


def _aware(moment: datetime.datetime | None) -> datetime.datetime | None:
    return moment and moment.replace(tzinfo=datetime.UTC)
