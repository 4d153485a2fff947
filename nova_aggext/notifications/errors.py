# SPDX-License-Identifier: Apache-2.0
"""Errors as Nova's notifications name them (SIDE_EFFECTS, section 2)."""

from collections.abc import Mapping
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import steps

# Where the name or the code in a notification is not that of our class.
NAMES = {
    'ComputeNodeNotFound': 'ComputeHostNotFound',
    'HostInManyCells': 'ServiceNotUnique',
}
CODES = {
    'AggregateNameExists': 500,
    'AggregateHostExists': 500,
    'InvalidAggregateActionAdd': 400,
    'HostInManyCells': 400,
}


def name(error: Exception) -> str:
    """Give the class of an error under Nova's name."""
    ours = type(error).__name__
    return NAMES.get(ours, ours)


def code(error: exception.AggextException) -> int:
    """Give the code that Nova's class has, whatever is answered."""
    return CODES.get(type(error).__name__, error.code)


def arguments(refusal: steps.Refusal) -> Mapping[str, Any]:
    """Give the arguments of a refused call.

    A name that was dealt with is missing in those of an update.
    """
    renamed = any(isinstance(one, steps.Renaming) for one in refusal.begun)
    if not renamed:
        return refusal.arguments
    values = dict(refusal.arguments['values'])
    values.pop('name', None)
    return {**refusal.arguments, 'values': values}
