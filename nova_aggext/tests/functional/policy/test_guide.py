# SPDX-License-Identifier: Apache-2.0
"""The examples of the guide to the policy do what it says of them."""

import pathlib
import re
from collections.abc import Mapping
from typing import Any


from nova_aggext.tests.functional.policy import base

PAGE = pathlib.Path(__file__).parents[4] / 'doc/source/admin/policy.rst'
Caller = base.Caller

_EXAMPLE = re.compile(
    r'^\.\. policy: (\w+)\n\n\.\. code-block:: yaml\n\n((?:   .*\n)+)',
    re.MULTILINE,
)


def examples() -> dict[str, str]:
    """Give the policy files of the page, by their names."""
    found = _EXAMPLE.findall(PAGE.read_text())
    return {name: text.replace('\n   ', '\n').strip() for name, text in found}


class GuideTestCase(base.PolicyTestCase):
    """Aggregates under the rules of an example."""

    example: str
    rules: Mapping[str, str] = {}

    def setUp(self) -> None:
        super().setUp()
        self.policy_file.write_text(examples()[self.example])

    def reads(self, who: Caller) -> tuple[int, ...]:
        """Give what who reads is answered: lists, then one of each."""
        one = self.one['id']
        return tuple(
            self.ask(who, 'GET', path, root=root).status_int
            for root, path in (
                (base.NOVA, ''),
                (base.OWN, '/aggregates'),
                (base.OWN, '/hosts'),
                (base.OWN, '/changes'),
                (base.NOVA, f'/{one}'),
                (base.OWN, f'/aggregates/{one}'),
                (base.OWN, '/hosts/h1'),
            )
        )

    def changes(self, who: Caller, one: base.Document) -> tuple[int, ...]:
        """Give what somebody is answered who changes an aggregate.

        The host h4, name and zone, metadata, who owns it, a delete; each by
        Nova's API where that can, and planned by the own one.
        """
        path = f'/{one["id"]}'
        renamed = {'aggregate': {'name': one['name']}}
        added = self.add(who, one).status_int
        taken = {'host': 'h4'}
        removed = self.act(who, one, 'remove_host', taken).status_int
        said = {'metadata': {'k': None}}
        planned = (
            self.tell(who, base.of(one, **more), query='?dry_run=true')
            for more in (
                {'hosts': {'add': ['h4'], 'remove': ['h9']}},
                {'name': one['name']},
                {'metadata': {'remove': ['k']}},
                {'owner': 'p'},
                {'op': 'delete', 'hosts': {'set': []}},
            )
        )
        return (
            added,
            removed,
            self.ask(who, 'PUT', path, renamed, root=base.NOVA).status_int,
            self.act(who, one, 'set_metadata', said).status_int,
            *(answer.status_int for answer in planned),
        )


class AuditorTest(GuideTestCase):
    """Who only looks."""

    example = 'auditor'

    def test_it(self) -> None:
        for role in 'auditor', 'admin':
            who = Caller('x', (role,))
            self.assertEqual((200,) * 7, self.reads(who))
        who = Caller('x', ('host_aggregate_reader',))
        self.assertEqual((200,) * 7, self.reads(who))
        who = Caller('x', base.MANAGER)
        self.assertEqual((403,) * 7, self.reads(who))
        before = self.rows()
        who = Caller('x', ('auditor',))
        self.assertEqual((403,) * 9, self.changes(who, self.one))
        self.unchanged(before)


class OwnersTest(GuideTestCase):
    """Projects that manage what they own."""

    example = 'owners'

    def test_who_reads(self) -> None:
        reader = Caller('p', ('reader',))
        self.assertEqual(
            (200, 200, 403, 403, 200, 200, 403), self.reads(reader)
        )
        for path, root in ('', base.NOVA), ('/aggregates', base.OWN):
            found = self.ask(reader, 'GET', path, root=root).json
            names = [one['name'] for one in found['aggregates']]
            self.assertEqual(['one'], names)
        stranger = Caller('x', ('reader',))
        self.assertEqual(
            (200, 200, 403, 403, 404, 404, 403), self.reads(stranger)
        )
        auditor = Caller('x', ('host_aggregate_reader',))
        self.assertEqual(
            (403, 200, 200, 200, 403, 200, 200), self.reads(auditor)
        )

    def test_who_changes(self) -> None:
        may = (200, 200, 403, 403, 200, 403, 403, 403, 403)
        manager, reader = Caller('p', base.MANAGER), Caller('p', ('reader',))
        self.assertEqual(may, self.changes(manager, self.one))
        for who, one in (
            (manager, self.other),
            (manager, self.free),
            (reader, self.one),
            (Caller(None, base.MANAGER), self.free),
        ):
            self.assertEqual((403,) * 9, self.changes(who, one))
        self.assertEqual((200,) * 9, self.changes(base.ADMIN, self.free))


class PipelineTest(GuideTestCase):
    """A service user that applies what is written down."""

    example = 'pipeline'
    pipeline = Caller('ci', ('aggregate_pipeline',), 'ci')

    def test_it(self) -> None:
        self.assertEqual((200,) * 7, self.reads(self.pipeline))
        may = (200, 200, 200, 200, 200, 200, 200, 403, 403)
        for one in self.one, self.free:
            self.assertEqual(may, self.changes(self.pipeline, one))
        item = {'op': 'create', 'name': 'new', 'hosts': {'add': ['h4']}}
        item = {**item, 'metadata': {'add': {'k': 'v'}}}
        self.assertEqual(201, self.tell(self.pipeline, item).status_int)
        item = {'op': 'create', 'name': 'more', 'owner': 'ci'}
        self.assertEqual(403, self.tell(self.pipeline, item).status_int)

    def test_protected(self) -> None:
        self.change(base.of(self.one, protected=True))
        before = self.rows()
        self.assertEqual((403,) * 9, self.changes(self.pipeline, self.one))
        item = base.of(self.one, protected=False)
        answer = self.tell(self.pipeline, item)
        (told,) = self.refused(answer, 403, 'forbidden')
        self.assertEqual('one', told['aggregate']['name'])
        self.unchanged(before)

    def apply(self, who: Caller, *given: base.Document, **more: Any) -> Any:
        body = {'manager': {'aggregates': [*given], **more}}
        return self.ask(who, 'PUT', '/managers/site', body)

    def test_apply(self) -> None:
        """The same by a document, and only with the rule for that."""
        new = {'name': 'new', 'hosts': ['h4'], 'metadata': {'k': 'v'}}
        free = {'name': 'free', 'metadata': {'k': 'v'}}
        answer = self.apply(self.pipeline, new, free)
        self.assertEqual(201, answer.status_int, answer.text)
        self.assertEqual(
            ['h4'],
            self.hosts(answer.json['change']['effects'][1]['aggregate']),
        )
        self.change(base.of(self.one, protected=True))
        before = self.rows()
        protected = {'name': 'one', 'hosts': ['h3']}
        for answer in (
            self.apply(self.pipeline, new, free, protected),
            self.apply(self.pipeline, new, {**free, 'protected': True}),
            self.apply(self.pipeline, new, {**free, 'owner': 'ci'}),
            self.apply(self.pipeline, {**free, 'hosts': []}, prune=True),
            self.apply(self.pipeline, new, free, force=True),
            self.apply(Caller('ci', base.MANAGER), new, free),
        ):
            self.assertEqual(403, answer.status_int, answer.text)
        self.unchanged(before)

    def test_who_has_no_role(self) -> None:
        who = Caller('ci', base.MANAGER)
        self.assertEqual((403,) * 9, self.changes(who, self.one))
