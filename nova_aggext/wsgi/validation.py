# SPDX-License-Identifier: Apache-2.0
"""Schemas of bodies, query strings and answers, compiled once.

They are compiled into Python by what they check first: to compile all takes
longer than the rest of the import of a controller. Whether a schema is one is
a test's business.

A schema is declared on a method together with the versions it serves::

    @validation.schema(schemas.CREATE_V20, '2.0', '2.0')
    @validation.schema(schemas.CREATE, '2.1')

An API may drop properties of a body that a schema does not know before it is
checked, as Nova's legacy one does (case v2-extra).
"""

import functools
import reprlib
import unicodedata
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import fastjsonschema
from oslo_utils import uuidutils

from nova_aggext.wsgi import errors
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion

Schema = Mapping[str, Any]

# Longer values are not shown whole to the caller, and nested ones neither.
_SHOWN = 80
_NESTED = 3


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
    *,
    is_lenient: bool = False,
) -> Any:
    """Check a document in one version; without a schema it passes.

    :param is_lenient: drop what a schema does not know
    """
    for check in checks:
        if version in check.versions:
            document = check.run(document, is_lenient)
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


def _is_in_basic_plane(text: str) -> bool:
    return all(char <= '\uffff' for char in text)


def _is_stripped(text: str) -> bool:
    return text == text.strip()


def _is_not_blank(text: str) -> bool:
    return bool(text.strip())


# Formats that JSON Schema lacks, or sees in another way. They are about texts.
FORMATS: Mapping[str, Callable[[str], bool]] = {
    'printable': is_printable,
    'basic-plane': _is_in_basic_plane,
    'stripped': _is_stripped,
    'not-blank': _is_not_blank,
    'uuid': uuidutils.is_uuid_like,
}


def _check(
    document: Schema, minimum: str, maximum: str | None, where: str
) -> facts.Check:
    compiled = functools.cache(functools.partial(_compile, document))
    versions = microversion.Range.parse(minimum, maximum)

    def check(value: Any, is_lenient: bool) -> Any:
        known = _known(document, value) if is_lenient else value
        _validate(compiled(), known, where)
        return known

    return facts.Check(run=check, versions=versions)


def _compile(document: Schema) -> Callable[[Any], Any]:
    return fastjsonschema.compile(
        dict(document), formats=dict(FORMATS), use_default=False
    )


def _validate(validator: Callable[[Any], Any], value: Any, where: str) -> None:
    try:
        validator(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise errors.ValidationError(
            detail=_describe(error, where),
            where=where,
            path=tuple(error.path[1:]),
            rule=error.rule,
        ) from error


def _describe(
    error: fastjsonschema.JsonSchemaValueException, where: str
) -> str:
    shown = _shorten(_writer().repr(error.value))
    path = _shorten('.'.join([where, *error.path[1:]]))
    rule = f'{error.rule}: {error.rule_definition!r}'
    return f'Invalid input for {path}: {shown} does not satisfy {rule}.'


def _writer() -> reprlib.Repr:
    """Make what writes a value without reading all of it.

    The value may be nested as deeply as Python calls functions.
    """
    writer = reprlib.Repr()
    writer.maxlevel = _NESTED
    writer.maxstring = writer.maxother = writer.maxlong = 4 * _SHOWN
    return writer


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'


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
