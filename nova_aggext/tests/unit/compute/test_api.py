# SPDX-License-Identifier: Apache-2.0
"""Use cases on a SQLite database and an inventory that is told."""

from collections.abc import Collection
from typing import Any

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import locks
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class ApiTestCase(base.TestCase):
    """Aggregates of a database of one's own."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.inventory = stubs.Inventory(h1=0, h2=0, busy=3)
        self.outbox = stubs.Outbox()
        self.api = self._api(self.inventory)
        self.who = stubs.caller(user_id='me', project_id='mine')

    def _api(self, inventory: ports.HostInventory) -> api.AggregateAPI:
        return api.AggregateAPI(self.database, inventory, self.outbox)

    def make(
        self, name: str, zone: str | None = None, *hosts: str
    ) -> records.Aggregate:
        """Make an aggregate with hosts."""
        made = self.api.create_aggregate(self.who, name, zone)
        for host in hosts:
            made = self.add(made.id, host)
        return made

    def add(self, aggregate_id: int, host: str) -> records.Aggregate:
        """Add a host."""
        return self.api.add_host_to_aggregate(self.who, aggregate_id, host)

    def everything(self) -> Any:
        """Give all there is, to see that nothing changed."""
        return (
            self.api.get_aggregate_list(self.who),
            self.database.read(record.every),
        )

    def assert_refused(
        self, error: type[Exception], use_case: Any, *arguments: Any
    ) -> str:
        """Check that a use case is refused and has changed nothing."""
        before = self.everything()
        raised = self.assertRaises(error, use_case, self.who, *arguments)
        self.assertEqual(before, self.everything())
        return str(raised)


class ReadTest(ApiTestCase):
    """What is there."""

    def test_list(self) -> None:
        made = [self.make('b'), self.make('a', 'z1', 'h1')]
        self.assertEqual(made, self.api.get_aggregate_list(self.who))

    def test_get(self) -> None:
        made = self.make('a')
        self.assertEqual(made, self.api.get_aggregate(self.who, made.id))
        for other in (0, -1, made.id + 1, 2**31, 10**18):
            self.assert_refused(
                exception.AggregateNotFound, self.api.get_aggregate, other
            )

    def test_by_host(self) -> None:
        self.make('a', None, 'h2')
        made = [self.make('b', None, 'h1', 'h2'), self.make('c', None, 'h1')]
        found = self.api.get_aggregates_by_host(self.who, 'h1')
        self.assertEqual(made, found)
        self.assertEqual([], self.api.get_aggregates_by_host(self.who, 'x'))


class CreateTest(ApiTestCase):
    """New aggregates."""

    def test_with_and_without_zone(self) -> None:
        self.assertEqual({}, self.make('a').metadata)
        self.assertEqual('z1', self.make('b', 'z1').availability_zone)

    def test_names_that_compare_equal(self) -> None:
        self.make('agg-a')
        for name in ('agg-a', 'AGG-A', 'àgg-a', 'agg-a '):
            self.assert_refused(
                exception.AggregateNameExists,
                self.api.create_aggregate,
                name,
                None,
            )


class UpdateTest(ApiTestCase):
    """Names and zones."""

    def update(self, one: records.Aggregate, **values: Any) -> Any:
        """Update an aggregate."""
        return self.api.update_aggregate(self.who, one.id, values)

    def test_rename(self) -> None:
        before = self.make('a')
        after = self.update(before, name='b')
        self.assertEqual('b', after.name)
        self.assertIsNotNone(after.updated_at)
        found = self.api.get_aggregate(self.who, before.id)
        self.assertEqual(after, found)

    def test_rename_to_the_same(self) -> None:
        before = self.make('a')
        self.assertEqual(before, self.update(before, name='a'))
        self.assertEqual('A', self.update(before, name='A').name)

    def test_rename_to_one_that_is_taken(self) -> None:
        self.make('b')
        self.assert_refused(
            exception.AggregateNameExists,
            self.api.update_aggregate,
            self.make('a').id,
            {'name': 'B'},
        )

    def test_zone(self) -> None:
        one = self.make('a', None, 'h1')
        after = self.update(one, availability_zone='z1')
        self.assertEqual('z1', after.availability_zone)
        self.assertEqual([{'h1'}], self.inventory.asked)

    def test_zone_of_a_host_with_instances(self) -> None:
        for values in (
            {'availability_zone': 'z1'},
            {'name': 'new', 'availability_zone': 'z1'},
        ):
            one = self.make(f'a{len(values)}', None, 'busy')
            text = self.assert_refused(
                exception.InvalidAggregateActionUpdate,
                self.api.update_aggregate,
                one.id,
                values,
            )
            self.assertIn('busy', text)

    def test_both(self) -> None:
        after = self.update(self.make('a'), name='b', availability_zone='z1')
        self.assertEqual(('b', 'z1'), (after.name, after.availability_zone))

    def test_not_found(self) -> None:
        for values in ({'name': 'b'}, {'availability_zone': 'z1'}):
            self.assert_refused(
                exception.AggregateNotFound,
                self.api.update_aggregate,
                7,
                values,
            )


class MetadataTest(ApiTestCase):
    """Metadata of aggregates."""

    def test_set_change_remove(self) -> None:
        one = self.make('a')
        for asked, expected in (
            ({'a': '1', 'b': '2'}, {'a': '1', 'b': '2'}),
            ({'a': '3', 'b': None}, {'a': '3'}),
            ({}, {'a': '3'}),
        ):
            after = self.api.update_aggregate_metadata(self.who, one.id, asked)
            self.assertEqual(expected, after.metadata)

    def test_keys_in_another_case(self) -> None:
        one = self.make('a', 'z1')
        self.assert_refused(
            exception.AggregateMetadataKeyExists,
            self.api.update_aggregate_metadata,
            one.id,
            {'Availability_Zone': 'z2'},
        )

    def test_zone_cannot_be_removed(self) -> None:
        one = self.make('a', 'z1')
        for zone in (None, ''):
            self.assert_refused(
                exception.InvalidAggregateActionUpdateMeta,
                self.api.update_aggregate_metadata,
                one.id,
                {'availability_zone': zone, 'other': 'x'},
            )

    def test_zone_of_a_host_in_another(self) -> None:
        self.make('a', 'z1', 'h1')
        one = self.make('b', None, 'h1')
        self.assert_refused(
            exception.InvalidAggregateActionUpdateMeta,
            self.api.update_aggregate_metadata,
            one.id,
            {'availability_zone': 'z2'},
        )


class DeleteTest(ApiTestCase):
    """Aggregates that go."""

    def test_delete(self) -> None:
        one = self.make('a', 'z1')
        self.api.delete_aggregate(self.who, one.id)
        self.assertEqual([], self.api.get_aggregate_list(self.who))
        self.assertNotEqual(one.id, self.make('b').id)

    def test_not_empty(self) -> None:
        self.assert_refused(
            exception.InvalidAggregateActionDelete,
            self.api.delete_aggregate,
            self.make('a', None, 'h1').id,
        )

    def test_not_found(self) -> None:
        self.assert_refused(
            exception.AggregateNotFound, self.api.delete_aggregate, 7
        )


class HostsTest(ApiTestCase):
    """Hosts of aggregates."""

    def test_add(self) -> None:
        before = self.make('a', 'z1')
        after = self.add(before.id, 'h1')
        self.assertEqual(('h1',), after.hosts)

    def test_unknown_host_is_told_before_anything_else(self) -> None:
        self.assert_refused(
            exception.ComputeHostNotFound,
            self.api.add_host_to_aggregate,
            7,
            'x',
        )

    def test_add_to_nothing(self) -> None:
        self.assert_refused(
            exception.AggregateNotFound,
            self.api.add_host_to_aggregate,
            7,
            'h1',
        )

    def test_add_twice(self) -> None:
        self.assert_refused(
            exception.AggregateHostExists,
            self.api.add_host_to_aggregate,
            self.make('a', 'z1', 'h1').id,
            'h1',
        )

    def test_add_to_a_second_zone(self) -> None:
        self.make('a', 'z1', 'h1')
        self.assert_refused(
            exception.InvalidAggregateActionAdd,
            self.api.add_host_to_aggregate,
            self.make('b', 'z2').id,
            'h1',
        )

    def test_add_with_instances(self) -> None:
        self.assertEqual(('busy',), self.make('a', None, 'busy').hosts)
        self.assert_refused(
            exception.InvalidAggregateActionAdd,
            self.api.add_host_to_aggregate,
            self.make('b', 'z1').id,
            'busy',
        )

    def test_remove(self) -> None:
        before = self.make('a', 'z1', 'h1', 'h2')
        after = self.api.remove_host_from_aggregate(self.who, before.id, 'h1')
        self.assertEqual(('h2',), after.hosts)

    def test_remove_one_that_is_gone(self) -> None:
        one = self.make('a', None, 'h1')
        del self.inventory.instances['h1']
        after = self.api.remove_host_from_aggregate(self.who, one.id, 'h1')
        self.assertEqual((), after.hosts)

    def test_remove_what_is_not_there(self) -> None:
        one = self.make('a', None, 'h1')
        for host in ('h2', 'H1', 'x'):
            self.assert_refused(
                exception.AggregateHostNotFound,
                self.api.remove_host_from_aggregate,
                one.id,
                host,
            )

    def test_remove_with_instances(self) -> None:
        one = self.make('a', 'z1', 'h1')
        self.inventory.instances['h1'] = 1
        self.assert_refused(
            exception.InvalidAggregateActionDelete,
            self.api.remove_host_from_aggregate,
            one.id,
            'h1',
        )


class ImagesTest(ApiTestCase):
    """Images to be cached."""

    def test_refused(self) -> None:
        one = self.make('a')
        for error, arguments in (
            (exception.DuplicateImage, (7, ['x', 'x'])),
            (exception.AggregateNotFound, (7, ['x'])),
            (exception.ImageServiceMissing, (one.id, ['x'])),
        ):
            self.assert_refused(error, self.api.cache_images, *arguments)

    def test_outbox_that_raises_once_committed(self) -> None:
        """The order to cache stands; it is told later."""

        def deliver() -> None:
            raise ArithmeticError('no delivery')

        one = self.make('a')
        self.outbox.deliver = deliver
        images_api = api.AggregateAPI(
            self.database, self.inventory, self.outbox, Images()
        )
        images_api.cache_images(self.who, one.id, ['x'])
        self.assertEqual(2, len(self.outbox.committed))
        self.assertIn('no delivery', self.log.output)


class Images:
    """An image service that has every image."""

    def require(
        self, who: context.RequestContext, image_ids: Collection[str]
    ) -> None:
        """Let all pass."""


class Writing(stubs.Inventory):
    """An inventory that fails where a transaction is open."""

    database: Any = None

    def count_instances(self, hosts: Collection[str]) -> dict[str, int]:
        """Write; SQLite knows one writer at a time."""
        self.database.write(lambda s: locks.take(s, names=True))
        return super().count_instances(hosts)


class Forgetful(stubs.Inventory):
    """An inventory that never tells what it is asked."""

    def count_instances(self, hosts: Collection[str]) -> dict[str, int]:
        """Tell nothing."""
        super().count_instances(hosts)
        return {}


class DecisionTest(ApiTestCase):
    """Transactions that are begun anew."""

    def test_inventory_is_asked_outside_of_transactions(self) -> None:
        inventory = Writing(h1=0)
        inventory.database = self.database
        self.api = self._api(inventory)
        self.make('a', 'z1', 'h1')
        self.assertEqual([{'h1'}], inventory.asked)

    def test_given_up_in_the_end(self) -> None:
        one = self.make('a', 'z1')
        inventory = Forgetful(h1=0)
        self.api = self._api(inventory)
        self.assert_refused(
            exception.AggregateBusy,
            self.api.add_host_to_aggregate,
            one.id,
            'h1',
        )
        self.assertEqual(20, len(inventory.asked))
