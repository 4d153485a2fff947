# SPDX-License-Identifier: Apache-2.0
"""What notifications say; the captured cases compare all of it."""

import ast
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.notifications import errors
from nova_aggext.notifications import legacy
from nova_aggext.notifications import versioned
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs

AGGREGATE = records.Aggregate(
    id=7,
    uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    name='a',
    hosts=('h1',),
    metadata={'k': 'v'},
    created_at=None,
    updated_at=None,
)
IMAGES = steps.CachingImages(AGGREGATE, ('i',))


def refusal(error: Exception, *begun: steps.Single, **args: Any) -> Any:
    """Make a refusal."""
    return steps.Refusal(stubs.caller(), 'operation', args, begun, error)


class LegacyTest(base.TestCase):
    """Legacy notifications."""

    def setUp(self) -> None:
        super().setUp()
        self.form = legacy.Format('api1')

    def test_written_id(self) -> None:
        """Hosts and deletions are told with the id as it was written."""
        step = steps.AddingHost('h1', AGGREGATE, AGGREGATE)
        self.assertEqual(
            {
                'event_type': 'aggregate.addhost.end',
                'publisher_id': 'aggregate.007',
                'payload': {
                    'aggregate_id': '007',
                    'host_name': 'h1',
                    'name': 'a',
                },
            },
            self.form.end(step, '007'),
        )

    def test_begun(self) -> None:
        """What was begun alone has a start."""
        for step in (
            steps.Creating('uuid', 'a', None),
            steps.Renaming(AGGREGATE, 'b'),
            steps.SettingMetadata(AGGREGATE, {}),
            steps.AddingHost('h1', AGGREGATE),
            steps.RemovingHost('h1', AGGREGATE),
            steps.Deleting(AGGREGATE),
        ):
            self.assertIsNotNone(self.form.start(step, '7'))

    def test_images(self) -> None:
        """The caching of images is told by the conductor."""
        self.assertIsNone(self.form.start(IMAGES, '7'))
        self.assertIsNone(self.form.end(IMAGES, '7'))

    def test_error_of_ours(self) -> None:
        """An error is the text of a dictionary, under Nova's name."""
        error = exception.ComputeNodeNotFound(host='h1')
        told = self.form.error(refusal(error, aggregate_id='7'))
        self.assertEqual('compute.api1', told['publisher_id'])
        self.assertEqual('operation', told['event_type'])
        self.assertEqual({'aggregate_id': '7'}, told['payload']['args'])
        self.assertEqual(
            {
                'kwargs': {'host': 'h1', 'code': 404},
                'message': str(error),
                'class': 'ComputeHostNotFound',
            },
            ast.literal_eval(told['payload']['exception']),
        )

    def test_error_of_others(self) -> None:
        """Any other error is shown as Python shows it."""
        told = self.form.error(refusal(KeyError('x')))
        self.assertEqual("KeyError('x')", told['payload']['exception'])


class VersionedTest(base.TestCase):
    """Versioned notifications."""

    def setUp(self) -> None:
        super().setUp()
        self.form = versioned.Format('api1')

    def test_not_found_yet(self) -> None:
        """Nothing begins before the aggregate was found."""
        for step in (
            steps.AddingHost('h1'),
            steps.RemovingHost('h1'),
            steps.Deleting(),
        ):
            self.assertIsNone(self.form.start(step, '7'))

    def test_images(self) -> None:
        """The caching of images is told by the conductor."""
        self.assertIsNone(self.form.start(IMAGES, '7'))
        self.assertIsNone(self.form.end(IMAGES, '7'))

    def test_error(self) -> None:
        """An error shows class and text, but nothing of the code."""
        error = exception.AggregateNotFound(aggregate_id=7)
        told = self.form.error(refusal(error))
        self.assertEqual('compute.exception', told['event_type'])
        data = told['payload']['nova_object.data']
        self.assertEqual('AggregateNotFound', data['exception'])
        self.assertEqual(str(error), data['exception_message'])
        self.assertEqual('', data['traceback'])


class ErrorsTest(base.TestCase):
    """Errors under Nova's names."""

    def test_codes(self) -> None:
        """The code is that of Nova's class, whatever is answered."""
        error = exception.AggregateNameExists(aggregate_name='a')
        self.assertEqual(500, errors.code(error))
        self.assertEqual(409, error.code)

    def test_arguments_of_update(self) -> None:
        """A name that was dealt with is no argument any more."""
        values = {'name': 'b', 'availability_zone': 'z'}
        step = steps.Renaming(AGGREGATE, 'b')
        error = ValueError()
        self.assertEqual(
            {'values': {'availability_zone': 'z'}},
            errors.arguments(refusal(error, step, values=values)),
        )
        self.assertEqual(
            {'values': values}, errors.arguments(refusal(error, values=values))
        )
