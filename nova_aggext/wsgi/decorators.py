# SPDX-License-Identifier: Apache-2.0
"""Decorators of controller methods: they declare facts and never wrap.

Each gives back the very function it was given, so their order does not
matter and types are kept. ``Controller`` acts on what they declared.
"""

from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.wsgi import facts
from nova_aggext.wsgi import microversion


def action(name: str) -> facts.Decorator:
    """Serve ``POST .../action`` with a body whose one key is ``name``."""

    def decorate(method: facts.Method) -> facts.Method:
        return facts.declare(method, action=name)

    return decorate


def api_version(
    minimum: str, maximum: str | None = None, *, of: str | None = None
) -> facts.Decorator:
    """Exist in these API versions only; elsewhere the answer is 404.

    :param of: the name of the method this one is a form of, where several
        serve different versions of one call
    """
    versions = microversion.Range.parse(minimum, maximum)

    def decorate(method: facts.Method) -> facts.Method:
        return facts.declare(method, versions=versions, of=of)

    return decorate


def expected_errors(
    *codes: int,
    mapping: Mapping[type[exception.AggextException], int] | None = None,
) -> facts.Decorator:
    """Answer errors of these status codes as faults; all others as 500.

    :param mapping: status codes of error classes (and their subclasses) that
        this method answers differently from what the class says
    """

    def decorate(method: facts.Method) -> facts.Method:
        return facts.declare(
            method, expected=frozenset(codes), codes=dict(mapping or {})
        )

    return decorate


def response(status: int) -> facts.Decorator:
    """Answer success with this status instead of 200."""

    def decorate(method: facts.Method) -> facts.Method:
        return facts.declare(method, status=status)

    return decorate
