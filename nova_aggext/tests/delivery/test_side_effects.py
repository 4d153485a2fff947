# SPDX-License-Identifier: Apache-2.0
"""Every captured case: what is told, and in which order.

The same request to a server of ours causes the same messages in the same
order, and the same calls of placement in the same order; how the two are
mixed differs, as placement is told after the commit. Where ours differs
beyond that, ``facts/differences.json`` says why.
"""

import testscenarios

from nova_aggext.tests.delivery import cases
from nova_aggext.tests.delivery import cloud
from nova_aggext.tests.delivery import normalise

load_tests = testscenarios.load_tests_apply_scenarios

# Headers of every call of placement.
HEADERS = {
    'accept': 'application/json',
    'openstack-api-version': 'placement 1.19',
    'x-auth-token': 'admin',
}


class CasesTest(cloud.CloudTest):
    """The captured cases, with placement and the broker up."""

    scenarios = [(name, {'case': case}) for name, case in cases.load().items()]

    def test_effects(self) -> None:
        """What is told, and in which order, is what Nova tells."""
        headers = {}
        if self.case.name == 'create_forbidden':
            headers['X_Roles'] = 'reader'
        if self.case.name == 'images_image_service_down':
            self.glance.refuse()
            self.addCleanup(self.glance.serve)
        answer = self.send(**headers)
        self.assertEqual(self.case.status, answer.status, answer.body)
        self.assertEqual(self.case.messages(), self.heard())
        calls = self.placement.proxy.take()
        self.assertEqual(
            self.case.calls_by_node(self.world.nodes),
            normalise.asked(calls, self.known()),
        )
        wanted = {
            **HEADERS,
            'x-openstack-request-id': answer.headers['x-openstack-request-id'],
        }
        for call in calls:
            self.assertEqual(
                wanted, {name: call.headers.get(name) for name in wanted}
            )


class NameOnlyTest(cloud.CloudTest):
    """An inventory that knows no nodes: providers are found by name."""

    INVENTORY = 'registered'
    NAMES = (
        'add_host',
        'add_host_az',
        'add_host_second_host',
        'add_host_second_aggregate',
        'add_host_third_aggregate',
        'add_host_provider_already_member',
        'remove_host',
        'remove_host_az',
        'remove_host_one_of_two_aggregates',
        'remove_host_provider_not_member',
    )

    scenarios = [(name, {'case': cases.load()[name]}) for name in NAMES]

    def test_effects(self) -> None:
        """Nova's calls are made one for one."""
        answer = self.send()
        self.assertEqual(self.case.status, answer.status, answer.body)
        self.assertEqual(self.case.messages(), self.heard())
        self.assertEqual(self.case.calls(), self.asked())


class AsWrittenTest(cloud.CloudTest):
    """What the facts show only in general."""

    case = cases.load()['delete']

    def test_leading_zero(self) -> None:
        """The id is told as the caller wrote it."""
        written = f'0{self.world.ids()["agg-a"]}'
        self.call('DELETE', f'/{written}')
        self.world.wait()
        legacy = [
            one.message
            for one in self.tap.take()
            if one.routing_key == 'notifications.info'
        ]
        self.assertEqual(
            [(f'aggregate.{written}', {'aggregate_id': written})] * 2,
            [(one['publisher_id'], one['payload']) for one in legacy],
        )

    def test_request_ids(self) -> None:
        """A caller's own request id goes with everything, placement too."""
        given = 'req-0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
        answer = self.call(
            'POST',
            f'/{self.world.ids()["agg-a"]}/action',
            {'add_host': {'host': 'cmp00001'}},
            X_OpenStack_Request_ID=given,
        )
        self.world.wait()
        self.assertEqual(
            {(answer.headers['x-openstack-request-id'], given)},
            {
                (
                    one.message['_context_request_id'],
                    one.message['_context_global_request_id'],
                )
                for one in self.tap.take()
            },
        )
        self.assertEqual(
            {given},
            {
                one.headers['x-openstack-request-id']
                for one in self.placement.proxy.take()
            },
        )
