# SPDX-License-Identifier: Apache-2.0
"""Images are looked up in Glance, then handed to the conductor."""

import json
import time

from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext import exception
from nova_aggext.conductor import images
from nova_aggext.tests import base
from nova_aggext.tests.delivery import cases
from nova_aggext.tests.delivery import client
from nova_aggext.tests.delivery import cloud
from nova_aggext.tests.delivery import glance
from nova_aggext.tests.delivery import normalise
from nova_aggext.tests.delivery import proxy
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

# Seconds that the server may wait for Glance.
DEADLINE = 1


class ImagesTest(cloud.CloudTest):
    """A server that finds Glance where its configuration says."""

    OPTIONS = f'timeout = {DEADLINE}\n'
    case = cases.load()['images']

    def setUp(self) -> None:
        """Let Glance answer again afterwards."""
        super().setUp()
        self.glance.take()
        self.addCleanup(self.glance.release)

    def refused(self, answer: client.Answer) -> str:
        """Check that nothing was told; give the text of the answer."""
        self.assertEqual([], self.heard())
        (fault,) = answer.body.values()
        self.assertEqual(answer.status, fault['code'])
        return str(fault['message'])

    def test_cast(self) -> None:
        """The conductor gets the caller's token and catalog."""
        catalog = [
            {'type': 'compute', 'endpoints': []},
            {'type': 'image', 'name': 'glance', 'endpoints': []},
        ]
        answer = self.send(X_Service_Catalog=json.dumps(catalog))
        self.assertEqual(202, answer.status, answer.body)
        self.world.wait()
        (message,) = self.tap.take()
        fact = cases.facts('message_envelopes')['conductor_cast']
        self.assertEqual(fact['message_keys_in_order'], list(message.message))
        self.assertEqual(
            {
                **fact['oslo_message'],
                'args': self.case.messages()[0]['args'],
                '_context_service_catalog': catalog[1:],
            },
            normalise.words(message.message, self.known()),
        )
        for name in ('properties', 'envelope', 'exchange', 'routing_key'):
            self.assertEqual(fact[name], getattr(message, name))

    def test_lookups(self) -> None:
        """Each image is asked for once, in the name of the caller."""
        answer = self.send()
        self.assertEqual(
            [
                (
                    f'/v2/images/{image}',
                    cloud.TOKEN,
                    answer.headers['x-openstack-request-id'],
                )
                for image in glance.IMAGES.values()
            ],
            [
                (
                    call.path,
                    call.headers['x-auth-token'],
                    call.headers['x-openstack-request-id'],
                )
                for call in self.glance.take()
            ],
        )

    def test_unknown_image(self) -> None:
        """An unknown image is the caller's mistake."""
        body = {'cache': [{'id': glance.UNKNOWN}]}
        path = f'/{self.world.ids()["agg-a"]}/images'
        answer = self.call('POST', path, body)
        self.assertEqual(400, answer.status)
        self.assertIn(glance.UNKNOWN, self.refused(answer))

    def test_unreachable(self) -> None:
        """A Glance that is away is not; where it would be is not told."""
        self.glance.refuse()
        self.addCleanup(self.glance.serve)
        answer = self.send()
        self.assertEqual(503, answer.status)
        text = self.refused(answer)
        self.assertNotIn('127.0.0.1', text)
        self.assertNotIn(str(self.glance.port), text)

    def test_broken(self) -> None:
        """So is one that fails, or does not know the caller."""
        for status in (401, 403, 500, 503):
            fault = proxy.Fault(lambda _: True, status=status)
            self.glance.faults.append(fault)
            answer = self.send()
            self.assertEqual(503, answer.status, str(status))
            self.refused(answer)

    def test_hanging(self) -> None:
        """One that hangs is waited for until the deadline, and no longer."""
        self.glance.faults.append(proxy.Fault(lambda _: True))
        began = time.monotonic()
        answer = self.send()
        took = time.monotonic() - began
        self.assertEqual(503, answer.status)
        self.assertTrue(DEADLINE <= took < DEADLINE + 4, took)
        self.refused(answer)


class CatalogTest(base.TestCase):
    """Where Glance is found."""

    def setUp(self) -> None:
        """Configure nothing but a region."""
        super().setUp()
        self.glance = self.useFixture(glance.Glance())
        conf = self.useFixture(databases.Database(synced=False))
        with open(conf.conf_file, 'a') as conf_file:
            conf_file.write('[glance]\nregion_name = one\n')
        self.images = images.Glance(aggext_conf.load([conf.conf_file]))

    def caller(self, *endpoints: dict[str, str]) -> context.RequestContext:
        """Make a caller with a catalog."""
        catalog = [{'type': 'image', 'endpoints': list(endpoints)}]
        return stubs.caller(auth_token='t', catalog=json.dumps(catalog))

    def test_catalog(self) -> None:
        """The caller's catalog tells, the internal URL first."""
        other = {'region': 'two', 'internalURL': 'http://127.0.0.1:9'}
        ours = {
            'region': 'one',
            'publicURL': 'http://127.0.0.1:9',
            'internalURL': self.glance.url,
        }
        who = self.caller(other, ours)
        self.images.require(who, list(glance.IMAGES.values()))
        self.assertEqual(2, len(self.glance.take()))

    def test_nowhere(self) -> None:
        """Without an endpoint nothing can be looked up."""
        for who in (stubs.caller(), self.caller({'region': 'two'})):
            self.assertRaises(
                exception.ImageServiceMissing, self.images.require, who, ['a']
            )

    def test_no_token(self) -> None:
        """A caller without a token is let in by Glance, or not."""
        catalog = [
            {
                'type': 'image',
                'endpoints': [{'region': 'one', 'publicURL': self.glance.url}],
            }
        ]
        who = stubs.caller(catalog=json.dumps(catalog))
        self.images.require(who, [glance.IMAGES['image1']])
        (call,) = self.glance.take()
        self.assertNotIn('x-auth-token', call.headers)
