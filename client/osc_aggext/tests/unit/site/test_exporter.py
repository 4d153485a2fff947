# SPDX-License-Identifier: Apache-2.0
"""What is exported says the same again."""

import io
from typing import Any

import hypothesis
import testtools
from hypothesis import strategies

from nova_aggext.compute import patterns
from osc_aggext.sdk import records
from osc_aggext.site import exporter
from osc_aggext.site import loader

# Everything that YAML means something by, or has trouble with.
HELL = [
    *('yes', 'no', 'on', 'NULL', '~', 'null', '1', '0x1f', '1e3', '.inf'),
    *('2026-11-27', '12:30:00', '!a', '&a', '*a', '<<', '=', '- a', 'a: b'),
    *('a #b', "'", '"', '\\', '%', '@', '`', '{', '[', '---', '...', '?'),
    *('a\nb', 'a\n', '\n', ' a ', '\t', '\x85', '\u2028', '\ufeff', '\xa0'),
    *('ü', '日本', '\ud7ff', '\ue000', '\ufffd', '\x7f', '\x01', 'x' * 255),
    'a,b',
]
# What Nova's tables hold.
CHARACTERS = strategies.characters(
    max_codepoint=0xFFFF, exclude_categories=['Cs'], exclude_characters='\0'
)
TEXT = strategies.one_of(
    strategies.sampled_from(HELL),
    strategies.text(CHARACTERS, min_size=1, max_size=40),
)
HOSTS = strategies.sets(
    strategies.one_of(
        strategies.integers(0, 50).map('cmp-a{:02}'.format),
        strategies.text('ab1.0_-', min_size=1, max_size=6),
    )
)
AGGREGATES = strategies.builds(
    records.Aggregate,
    id=strategies.just(1),
    uuid=strategies.none(),
    name=TEXT,
    availability_zone=strategies.one_of(strategies.none(), TEXT),
    metadata=strategies.dictionaries(TEXT, TEXT, max_size=3),
    hosts=HOSTS.map(lambda found: tuple(sorted(found))),
    description=strategies.one_of(strategies.none(), TEXT),
    owner=strategies.one_of(strategies.none(), TEXT),
    protected=strategies.booleans(),
)


def said(one: records.Aggregate) -> dict[str, Any]:
    """Give what a file must say of an aggregate."""
    fields = {
        name: getattr(one, name)
        for name in (
            *('name', 'availability_zone', 'metadata', 'description'),
            *('owner', 'protected'),
        )
    }
    found = {name: value for name, value in fields.items() if value}
    return {**found, 'hosts': set(one.hosts or ())}


class ExportTest(testtools.TestCase):
    """Written and read again."""

    @hypothesis.given(
        strategies.lists(
            AGGREGATES, max_size=3, unique_by=lambda one: one.name
        ),
        strategies.booleans(),
    )
    @hypothesis.settings(max_examples=500, deadline=None)
    def test_same(
        self, aggregates: list[records.Aggregate], folds: bool
    ) -> None:
        stream = io.StringIO()
        exporter.write(aggregates, stream, folds=folds)
        hypothesis.note(stream.getvalue())
        site = loader.load(stream.getvalue(), 'f', list)
        found: list[Any] = list(site.document['aggregates'])
        for one in found:
            one['hosts'] = {
                name
                for folded in one.get('hosts', ())
                for name in patterns.expand(folded, 10000)
            }
        self.assertEqual(list(map(said, aggregates)), found)

    def test_form(self) -> None:
        """It reads well."""
        one = records.Aggregate(
            1,
            None,
            'az1',
            'yes',
            {'ssd': 'true', 'a': 'x'},
            ('cmp-a1', 'cmp-a2'),
            description='two\nlines',
            protected=True,
        )
        stream = io.StringIO()
        exporter.write([one], stream)
        self.assertEqual(
            """\
version: 1
aggregates:
  az1:
    availability_zone: 'yes'
    description: |-
      two
      lines
    hosts: ['cmp-a[1-2]']
    metadata:
      a: x
      ssd: 'true'
    protected: true
""",
            stream.getvalue(),
        )
        stream = io.StringIO()
        exporter.write([one], stream, folds=False)
        self.assertIn('    hosts:\n      - cmp-a1\n', stream.getvalue())
