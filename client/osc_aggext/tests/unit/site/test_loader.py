# SPDX-License-Identifier: Apache-2.0
"""What files say, and where they are wrong."""

from typing import Any

import testtools

from osc_aggext.site import loader
from osc_aggext.site import places

HOSTS = [f'cmp-a{n:03}' for n in range(1, 6)] + ['cmp-g1', 'cmp-g2']
HEAD = 'version: 1\naggregates:\n'


def load(text: str) -> loader.Site:
    """Read a text; wildcards stand for hosts of a small cloud."""
    return loader.load(text, 'site.yaml', lambda: HOSTS)


def document(text: str) -> Any:
    """Give what a text says, as the API takes it."""
    return load(text).document


def wanted(text: str) -> Any:
    """Give what is wanted of the only aggregate."""
    (found,) = document(f'{HEAD}  a:\n{text}')['aggregates']
    return found


class LoadTest(testtools.TestCase):
    """What a file says."""

    def test_whole(self) -> None:
        text = """\
# desired state
version: 1
description: site repo
defaults:
  unknown_hosts: skip
  on_drift: refuse
aggregates:
  az1:
    availability_zone: az1
    description: Hall 1, feed A
    hosts: ["cmp-a[001-040]"]
    exclusive: [hosts]
    protected: true
  gpu:
    owner:
    metadata:
      ssd: "true"
      hdd: null
  old-rack:
    state: absent
  named:
"""
        self.assertEqual(
            {
                'description': 'site repo',
                'unknown_hosts': 'skip',
                'on_drift': 'refuse',
                'aggregates': [
                    {
                        'name': 'az1',
                        'availability_zone': 'az1',
                        'description': 'Hall 1, feed A',
                        'hosts': ['cmp-a[001-040]'],
                        'exclusive': ['hosts'],
                        'protected': True,
                    },
                    {
                        'name': 'gpu',
                        'owner': None,
                        'metadata': {'ssd': 'true', 'hdd': None},
                    },
                    {'name': 'old-rack', 'state': 'absent'},
                    {'name': 'named'},
                ],
            },
            document(text),
        )

    def test_wildcards(self) -> None:
        """They stand for hosts that there are; brackets are ranges still."""
        for entries, hosts in (
            ('["cmp-g*"]', ['cmp-g[1-2]']),
            ('["cmp-a00?", "x1"]', ['cmp-a[001-005]', 'x1']),
            ('["cmp-[a-b]*"]', None),
            ('["cmp-a[001-040]", "!cmp-a017"]', ['cmp-a[001-016,018-040]']),
            ('["!cmp-a[003-009]", "cmp-a*"]', ['cmp-a[001-002]']),
            ('["cmp-g*", "!*1"]', ['cmp-g2']),
            ('["cmp-*00[1-2]"]', ['cmp-a[001-002]']),
            ('[]', []),
        ):
            if hosts is None:
                self.assertRaises(
                    places.Invalid, wanted, f'    hosts: {entries}\n'
                )
            else:
                found = wanted(f'    hosts: {entries}\n')
                self.assertEqual(hosts, found['hosts'])

    def test_wildcard_of_nothing(self) -> None:
        site = load(f'{HEAD}  a:\n    hosts: ["z*", "!y*"]\n')
        self.assertEqual(
            (
                'site.yaml:4:13: z* stands for no host.',
                'site.yaml:4:19: !y* stands for no host.',
            ),
            site.warnings,
        )

    def test_no_question_without_wildcard(self) -> None:
        def ask() -> list[str]:
            raise AssertionError

        text = f'{HEAD}  a:\n    hosts: ["b[1-9]", "!b3"]\n'
        found = loader.load(text, 'f', ask).document['aggregates'][0]
        self.assertEqual(['b[1-2,4-9]'], found['hosts'])

    def test_tenants(self) -> None:
        """They are sorted, and stand in as many keys as they need."""
        projects = [f'{n:032x}' for n in range(20)]
        listed = ''.join(f'      - "{one}"\n' for one in reversed(projects))
        found = wanted(f'    tenants:\n{listed}')
        metadata = found['metadata']
        self.assertNotIn('tenants', found)
        self.assertEqual(
            ['filter_tenant_id', 'filter_tenant_id_2', 'filter_tenant_id_3'],
            list(metadata),
        )
        self.assertLessEqual(max(map(len, metadata.values())), 255)
        self.assertEqual(projects, ','.join(metadata.values()).split(','))

    def test_places(self) -> None:
        """Each part of a document has its place in the file."""
        site = load(
            f'{HEAD}  a:\n    metadata: {{"x/~y": "1"}}\n    hosts: [h1, h2]\n'
        )
        expected = {
            '': (3, 3),
            '/name': (3, 3),
            '/metadata': (4, 15),
            '/metadata/x~1~0y': (4, 24),
            '/hosts': (5, 12),
            '/hosts/0': (5, 13),
            '/hosts/1': (5, 17),
        }
        self.assertEqual(
            {
                f'/manager/aggregates/0{pointer}': places.Place(*place)
                for pointer, place in expected.items()
            },
            site.places,
        )


class InvalidTest(testtools.TestCase):
    """What is wrong is told with its place."""

    def check(self, text: str, *told: str) -> None:
        """Check that this is told of a file, and no more."""
        error = self.assertRaises(places.Invalid, load, text)
        lines = str(error).split('\n')
        self.assertEqual(len(told), len(lines), str(error))
        for expected, line in zip(told, lines, strict=True):
            self.assertIn(expected, line)
            self.assertTrue(line.startswith('site.yaml:'), line)

    def test_no_yaml(self) -> None:
        for text, told in (
            ('', ':1:1: It is empty.'),
            ('a: [', ':1:5: expected the node content'),
            ('version: 1\n\taggregates: {}', ':2:1: found character'),
            ('a: 1\n---\nb: 2', ':2:1: but found another document.'),
            ('a: "\x01"', ":1:5: The character '\\x01' cannot stand there."),
            ('a: *b', ":1:4: found undefined alias 'b'."),
            ('[' * 20000, 'It is nested too deeply.'),
            ('- a', ':1:1: That is a list: the file must be a mapping.'),
            ('text', ":1:1: 'text' is something else: the file must be"),
        ):
            self.check(text, told)

    def test_members(self) -> None:
        self.check(
            'version: 2\nfoo: 1\naggregates: []\n',
            ':1:10: The version of this form is 1.',
            ":2:1: 'foo' is not known in the file, but aggregates, defaults",
            ':3:13: That is a list: aggregates must be a mapping.',
        )
        self.check('aggregates: {}', ':1:1: The file must have version.')
        self.check('version: 1', ':1:1: The file must have aggregates.')
        self.check(
            f'{HEAD}  a:\n    zone: az1\n  a:\n',
            ":4:5: 'zone' is not known in aggregate 'a'",
            ":5:3: 'a' comes twice in aggregates.",
        )
        self.check(
            f'{HEAD}  a:\n    metadata: {{x: "1", x: "1"}}\n',
            ":4:24: 'x' comes twice in metadata.",
        )
        self.check(
            f'defaults: {{on_drift: ignore}}\n{HEAD}  {{}}',
            ':1:22: It must be one of overwrite, refuse.',
        )
        self.check(f'{HEAD}  a: {{<<: {{}}}}', ":3:7: '<<' is something else")

    def test_values(self) -> None:
        """What YAML takes for something else is not guessed."""
        for value, told in (
            ('yes', "'yes' is a boolean: write \"yes\" for a text."),
            ('012', "'012' is a number: write \"012\" for a text."),
            ('1.5', 'is a number'),
            ('12:30', 'is a number'),
            ('2026-11-27', 'is a date'),
            ('[]', 'That is a list: it must be a text.'),
            ('!x y', 'A tag means nothing here: write "!xy".'),
        ):
            self.check(
                f'{HEAD}  a:\n    metadata:\n      k: {value}\n',
                f'site.yaml:5:10: {told}' if told[0] in "'TA" else told,
            )
        self.check(f'{HEAD}  7:\n', ':3:3: \'7\' is a number: write "7"')
        self.check(f'{HEAD}  ~: {{}}\n', ":3:3: '~' is nothing: it must be")
        self.check(
            f'{HEAD}  a:\n    protected: "true"\n',
            ":4:16: 'true' is something else: it must be true or false.",
        )
        self.check(
            f'{HEAD}  a:\n    exclusive: hosts\n',
            "'hosts' is something else: it must be a list.",
        )

    def test_hosts(self) -> None:
        for entry, told in (
            ('!cmp-a017', ':4:16: Write "!cmp-a017" with its quotes.'),
            ('!cmp-a017 ', ':4:16: A tag means nothing here: write "!cmp-'),
            ('"a b"', "'a b' is no host"),
            ('"a[1-"', "'a[1-' is no host"),
            ('"a[9-1]"', "'9-1' ends before it begins."),
            ('"a[01-100]"', "the ends of '01-100' have different widths."),
            ('"a[1-99999]"', 'stands for more than 10000 names.'),
            ('7', "'7' is a number"),
            (f'"{"a" * 1001}"', 'more than 1000 characters'),
            ('"a\\n"', 'is no host'),
        ):
            self.check(f'{HEAD}  a:\n    hosts: [b, {entry}]\n', told)

    def test_contradictions(self) -> None:
        self.check(
            f'{HEAD}  a:\n    state: absent\n    hosts: []\n',
            ':4:12: What is absent has nothing else.',
        )
        self.check(
            f'{HEAD}  a:\n    state: gone\n', ':4:12: It must be one of absent'
        )
        self.check(
            f'{HEAD}  a:\n    tenants: [p]\n'
            '    metadata: {filter_tenant_id_9: q}\n',
            ':4:14: The metadata has filter_tenant_id_9 as well',
        )
        self.check(
            f'{HEAD}  a:\n    tenants: []\n',
            ':4:14: No tenants: leave it out to let in everybody.',
        )
        self.check(
            f'{HEAD}  a:\n    tenants: ["p,q"]\n',
            ':4:15: That can be no id of a project.',
        )

    def test_many(self) -> None:
        """Of very many the first are told."""
        text = HEAD + ''.join(f'  {n}:\n' for n in range(150))
        error = self.assertRaises(places.Invalid, load, text)
        lines = str(error).split('\n')
        self.assertEqual(101, len(lines))
        self.assertEqual('... and 50 more.', lines[-1])
