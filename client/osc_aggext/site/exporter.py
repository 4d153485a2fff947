# SPDX-License-Identifier: Apache-2.0
"""Writes what is as the file that would want it so."""

import sys
from collections.abc import Iterable
from typing import Any, TextIO

import yaml

from osc_aggext import ranges
from osc_aggext.sdk import records


class _Line(list[str]):
    """Written in one line."""


class _Dumper(yaml.SafeDumper):
    """Writes a file that people like to read."""

    def increase_indent(
        self, flow: bool = False, indentless: bool = False
    ) -> Any:
        """Indent lists below their keys as well."""
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything where it stands."""
        return True


_Dumper.add_representer(
    _Line,
    lambda dumper, found: dumper.represent_sequence(
        'tag:yaml.org,2002:seq', found, flow_style=True
    ),
)


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        'tag:yaml.org,2002:str', text, style=_style(text)
    ),
)


def write(
    aggregates: Iterable[records.Aggregate],
    stream: TextIO,
    *,
    folds: bool = True,
    excludes: bool = False,
) -> None:
    """Write aggregates to a file.

    To plan that file for any manager changes nothing, as long as nothing else
    was changed.

    :param folds: write ranges of hosts, not each of them on a line
    :param excludes: want no other hosts
    """
    document = {
        'version': 1,
        'aggregates': {
            str(one.name): _wanted(one, folds=folds, excludes=excludes)
            for one in aggregates
        },
    }
    yaml.dump(
        document,
        stream,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=sys.maxsize,
    )


def _wanted(
    one: records.Aggregate, *, folds: bool, excludes: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ('availability_zone', 'description', 'owner'):
        value = getattr(one, name)
        if value is not None:
            found[name] = value
    hosts = one.hosts or ()
    if hosts or excludes:
        # An empty list is written in its line by itself.
        found['hosts'] = _Line(ranges.fold(hosts)) if folds else list(hosts)
    if excludes:
        found['exclusive'] = _Line(['hosts'])
    if one.metadata:
        found['metadata'] = dict(sorted(one.metadata.items()))
    if one.protected:
        found['protected'] = True
    return found


def _style(text: str) -> str | None:
    """Choose how a text is written, so that it is read as the same one."""
    if text.isprintable():
        return None
    lines = text.split('\n')
    if all(one.isprintable() and one.strip() == one for one in lines):
        return '|'
    return '"'
