# SPDX-License-Identifier: Apache-2.0
"""What is exported from a cloud changes nothing when it is planned."""

import pathlib
import unicodedata
from typing import Any

import fixtures
import hypothesis
from hypothesis import strategies

from osc_aggext.sdk import errors
from osc_aggext.tests.functional import base

# What YAML means something by, or has trouble with.
HELL = [
    *('yes', 'NULL', '~', '7', '0x1f', '1e3', '.inf', '2026-11-27'),
    *('12:30:00', '!a', '&a', '*a', '<<', '=', '- a', 'a: b', 'a #b', "'"),
    *('"', '\\', '%', '@', '`', '{', '[', '---', '...', '?', 'a,b', 'ü'),
    *('日本', 'x' * 200, 'on', 'glob:*', 'in:a'),
]
# What the server takes for names and metadata, and no two of which it holds
# for the same.
PRINTABLE = strategies.text(
    strategies.characters(
        max_codepoint=0xFFFF, categories=['Lu', 'Nd', 'P', 'S']
    ),
    min_size=1,
    max_size=12,
).filter(str.isprintable)
NAMES = strategies.one_of(strategies.sampled_from(HELL), PRINTABLE)
DESCRIPTIONS = strategies.one_of(
    NAMES,
    strategies.sampled_from(['a\nb', 'a\n', '\n', ' a ', 'a\n  b\n\nc ']),
)
AGGREGATES = strategies.lists(
    strategies.fixed_dictionaries(
        {
            'name': NAMES,
            'metadata': strategies.dictionaries(NAMES, NAMES, max_size=2),
            'hosts': strategies.sets(
                strategies.sampled_from(['host1', 'host2', 'host3', 'host4'])
            ),
            'description': DESCRIPTIONS,
            'protected': strategies.booleans(),
        }
    ),
    max_size=3,
    unique_by=lambda one: _folded(str(one['name'])),
)


class ExportTest(base.ServerTest):
    """Any cloud."""

    def setUp(self) -> None:
        super().setUp()
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = folder / 'site.yaml'

    def test_any(self) -> None:
        service = self.connect()
        export = ('aggregate', 'export')
        plan = ('aggregate', 'plan', '--manager', 'site', '-f')

        @hypothesis.given(
            AGGREGATES, strategies.sampled_from(['ranges', 'names'])
        )
        @hypothesis.settings(
            max_examples=25,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def check(aggregates: list[dict[str, Any]], form: str) -> None:
            items = [_created(one) for one in aggregates]
            if items:
                try:
                    self.change(aggregates=items)
                except errors.Refused:
                    # What cannot be made need not be exported.
                    hypothesis.reject()
            try:
                text = self.run_well(*export, '--hosts', form).out
                hypothesis.note(text)
                self.file.write_text(text)
                done = self.run_well(*plan, str(self.file))
                self.assertEqual('Plan: nothing to change.\n', done.out)
            finally:
                for one in service.aggregates():
                    self._removed_by_id(one.id, protected=one.protected)

        check()

    def test_name(self) -> None:
        self.created('a1', 'host1')
        self.created('b1')
        done = self.run_well('aggregate', 'export', '--name', 'a*')
        self.assertEqual(
            'version: 1\naggregates:\n  a1:\n    hosts: [host1]\n', done.out
        )


def _created(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        'op': 'create',
        'hosts': {'add': sorted(one['hosts'])},
        'metadata': {'add': one['metadata']},
    }


def _folded(text: str) -> str:
    """Give what names share that the server holds for the same."""
    plain = unicodedata.normalize('NFKD', text)
    return ''.join(
        one for one in plain if not unicodedata.combining(one)
    ).casefold()
