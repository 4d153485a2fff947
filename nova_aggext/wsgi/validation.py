# SPDX-License-Identifier: Apache-2.0
"""Schemas of bodies, query strings and answers, compiled once.

Whether a schema is one is not checked: that takes longer than all the rest of
the import of a controller, and is a test's business.

A schema is declared on a method together with the versions it serves::

    @validation.schema(schemas.CREATE_V20, '2.0', '2.0')
    @validation.schema(schemas.CREATE, '2.1')

The legacy API (version 2.0) drops properties that a schema does not know
before it validates (case v2-extra); every later version refuses them.
"""

import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import jsonschema
import jsonschema.protocols
from oslo_utils import uuidutils

from nova_aggext import exception
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion

Schema = Mapping[str, Any]

FORMATS = jsonschema.FormatChecker(formats=())

# Longer values are not shown to the caller.
_SHOWN = 80


def schema(
    body: Schema, minimum: str, maximum: str | None = None
) -> facts.Decorator:
    """Check the request body; the method gets it as ``body``."""
    return _declare('body', _check(body, minimum, maximum, 'body'))


def query_schema(
    query: Schema, minimum: str, maximum: str | None = None
) -> facts.Decorator:
    """Check the query string, an object of lists of strings."""
    return _declare('query', _check(query, minimum, maximum, 'query'))


def response_body_schema(
    answer: Schema, minimum: str, maximum: str | None = None
) -> facts.Decorator:
    """Check what the method answers, where the server is told to."""
    return _declare('answer', _check(answer, minimum, maximum, 'answer'))


def run(
    checks: Iterable[facts.Check],
    version: microversion.Version,
    document: Any,
) -> Any:
    """Check a document in one version; without a schema it passes."""
    for check in checks:
        if version in check.versions:
            document = check.run(document, version)
    return document


def is_printable(text: str) -> bool:
    """Say whether text may be part of a name.

    Every character is in the basic plane and printed: no controls, no format,
    private, unassigned or surrogate characters, no line or paragraph
    separators (case name-control).
    """
    return all(_is_printable(char) for char in text)


def _is_printable(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        char <= '\uffff'
        and not category.startswith('C')
        and category not in ('Zl', 'Zp')
    )


@FORMATS.checks('printable')
def _printable(value: object) -> bool:
    return not isinstance(value, str) or is_printable(value)


@FORMATS.checks('basic-plane')
def _basic_plane(value: object) -> bool:
    return not isinstance(value, str) or all(c <= '\uffff' for c in value)


@FORMATS.checks('stripped')
def _stripped(value: object) -> bool:
    return not isinstance(value, str) or value == value.strip()


@FORMATS.checks('not-blank')
def _not_blank(value: object) -> bool:
    return not isinstance(value, str) or bool(value.strip())


@FORMATS.checks('uuid')
def _uuid(value: object) -> bool:
    return not isinstance(value, str) or uuidutils.is_uuid_like(value)


def _check(
    document: Schema, minimum: str, maximum: str | None, where: str
) -> facts.Check:
    validator = jsonschema.Draft202012Validator(
        document, format_checker=FORMATS
    )
    versions = microversion.Range.parse(minimum, maximum)

    def check(value: Any, version: microversion.Version) -> Any:
        lenient = version == microversion.LEGACY and where == 'body'
        known = _known(document, value) if lenient else value
        _validate(validator, known, where)
        return known

    return facts.Check(run=check, versions=versions)


def _validate(
    validator: jsonschema.protocols.Validator, value: Any, where: str
) -> None:
    for error in validator.iter_errors(value):
        raise exception.ValidationError(detail=_describe(error, where))


def _describe(error: jsonschema.ValidationError, where: str) -> str:
    shown = repr(error.instance)
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + '...'
    path = '.'.join([where, *(str(part) for part in error.absolute_path)])
    rule = f'{error.validator}: {error.validator_value!r}'
    return f'Invalid input for {path}: {shown} does not satisfy {rule}.'


def _known(document: Schema, value: Any) -> Any:
    """Copy a value without the properties that a schema does not know."""
    properties = document.get('properties')
    if not properties or not isinstance(value, dict):
        return value
    return {
        key: _known(properties[key], part)
        for key, part in value.items()
        if key in properties
    }


def _declare(field: str, check: facts.Check) -> facts.Decorator:
    def decorate(method: facts.Method) -> facts.Method:
        present = facts.of(method) or facts.Facts()
        checks = (*getattr(present, field), check)
        return facts.declare(method, **{field: checks})

    return decorate
