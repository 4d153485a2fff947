# SPDX-License-Identifier: Apache-2.0
"""The package keeps the import rule."""

from nova_aggext.tests import base
from nova_aggext.tests.unit import layers


class LayersTest(base.TestCase):
    """The package keeps every rule."""

    def _check(self, rule: layers.Rule) -> None:
        self.assertEqual([], sorted(rule(layers.read(layers.FOLDER))))

    def test_arrows_point_down(self) -> None:
        self._check(layers.upward)

    def test_libraries_stay_where_they_belong(self) -> None:
        self._check(layers.foreign)

    def test_what_is_allowed_is_done(self) -> None:
        self._check(layers.unused)

    def test_nova_is_not_imported(self) -> None:
        self._check(layers.of_nova)

    def test_imports_are_absolute(self) -> None:
        self._check(layers.relative)

    def test_there_is_no_cycle(self) -> None:
        self._check(layers.cycles)

    def test_imports_are_at_the_top(self) -> None:
        self._check(layers.inner)

    def test_there_is_no_global_statement(self) -> None:
        self._check(layers.shared)

    def test_modules_are_short(self) -> None:
        self._check(layers.long_modules)

    def test_functions_are_short(self) -> None:
        self._check(layers.long_functions)

    def test_every_part_is_in_one_row(self) -> None:
        parts = ' '.join(layers.ROWS).split()
        self.assertEqual(sorted(set(parts)), sorted(parts))
        present = {
            one.part
            for one in layers.outside_tests(layers.read(layers.FOLDER))
        } - {''}
        self.assertEqual(set(), present - set(parts))


class RulesTest(base.TestCase):
    """Each rule finds what it is for."""

    def _found(self, rule: layers.Rule, **sources: str) -> list[str]:
        modules = [
            layers.Module(
                f'{layers.PACKAGE}.{name.replace("__", ".")}', source
            )
            for name, source in sources.items()
        ]
        return list(rule(modules))

    def _allows(self, part: str, name: str) -> bool:
        source = f'from {layers.PACKAGE} import {name}'
        if '.' in name:
            source = f'import {layers.PACKAGE}.{name}'
        return not self._found(layers.upward, **{f'{part}__one': source})

    def test_upward(self) -> None:
        self.assertTrue(self._allows('compute', 'db'))
        self.assertFalse(self._allows('db', 'compute'))

    def test_neighbours(self) -> None:
        self.assertFalse(self._allows('outbox', 'notifications'))
        self.assertFalse(self._allows('placement', 'scheduler'))
        self.assertFalse(self._allows('hosts', 'api'))
        self.assertFalse(self._allows('deploy', 'cmd'))

    def test_sinks_know_the_types_of_the_outbox_only(self) -> None:
        self.assertTrue(self._allows('notifications', 'outbox.types'))
        self.assertFalse(self._allows('notifications', 'outbox.relay'))
        self.assertFalse(self._allows('api', 'outbox.types'))

    def test_parts_that_import_less(self) -> None:
        self.assertTrue(self._allows('wsgi', 'exception'))
        self.assertFalse(self._allows('wsgi', 'context'))
        self.assertFalse(self._allows('conf', 'exception'))

    def test_parts_with_few_users(self) -> None:
        self.assertFalse(self._allows('hosts', 'wsgi'))
        self.assertFalse(self._allows('outbox', 'conf'))

    def test_unknown_part(self) -> None:
        self.assertRaises(LookupError, self._allows, 'api', 'utils')

    def test_foreign(self) -> None:
        found = self._found(
            layers.foreign,
            compute__api='import sqlalchemy.orm',
            db__models='import sqlalchemy.orm\nimport os',
            placement__client='import requests',
        )
        self.assertEqual(
            [
                'nova_aggext.compute.api imports sqlalchemy',
                'nova_aggext.placement.client imports requests',
            ],
            found,
        )

    def test_unused(self) -> None:
        """A permission of each sort is missed, until somebody uses it."""
        everything = set(self._found(layers.unused))
        for part, source, permission in (
            ('wsgi__one', 'from nova_aggext import exception', 'exception'),
            ('conductor', 'import nova_aggext.messaging', 'messaging'),
            ('cmd__two', 'from nova_aggext.deploy import name', 'deploy'),
            ('scheduler', 'import nova_aggext.outbox.types', 'outbox.types'),
        ):
            user = part.partition('__')[0]
            found = set(self._found(layers.unused, **{part: source}))
            self.assertEqual(
                {f'nova_aggext.{user} never imports nova_aggext.{permission}'},
                everything - found,
            )
        for part, library in (
            ('hosts__one', 'sqlalchemy'),
            ('placement__connections', 'requests'),
        ):
            found = set(
                self._found(layers.unused, **{part: f'import {library}.a'})
            )
            self.assertEqual(1, len(everything - found), library)

    def test_of_nova(self) -> None:
        source = 'from nova.objects import aggregate'
        self.assertEqual(
            1, len(self._found(layers.of_nova, objects__one=source))
        )
        self.assertEqual(
            1, len(self._found(layers.of_nova, tests__one=source))
        )

    def test_relative(self) -> None:
        self.assertEqual(
            1, len(self._found(layers.relative, db='from . import x'))
        )

    def test_cycles(self) -> None:
        found = self._found(
            layers.cycles,
            db__a='from nova_aggext.db import b',
            db__b='from nova_aggext.db.c import name',
            db__c='import nova_aggext.db.a',
        )
        self.assertEqual(1, len(found))

    def test_inner(self) -> None:
        source = 'if TYPE_CHECKING:\n    import a\ndef one():\n    import b'
        self.assertEqual(
            ['nova_aggext.db:4'], self._found(layers.inner, db=source)
        )

    def test_shared(self) -> None:
        source = 'def one():\n    global two\n    two = 2'
        self.assertEqual(
            ['nova_aggext.db:2'], self._found(layers.shared, db=source)
        )

    def test_long_modules(self) -> None:
        self.assertEqual([], self._found(layers.long_modules, db='\n' * 400))
        self.assertEqual(
            1, len(self._found(layers.long_modules, db='\n' * 401))
        )

    def test_long_functions(self) -> None:
        fits = 'class A:\n  def one():\n' + '    pass\n' * 49
        self.assertEqual([], self._found(layers.long_functions, db=fits))
        longer = fits + '    pass\n'
        self.assertEqual(1, len(self._found(layers.long_functions, db=longer)))
