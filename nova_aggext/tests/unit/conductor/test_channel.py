# SPDX-License-Identifier: Apache-2.0
"""What the conductor is told."""

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.conductor import channel
from nova_aggext.db import outbox
from nova_aggext.db import records
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

AGGREGATE = records.Aggregate(
    id=7,
    uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    name='a',
    hosts=('h1',),
    metadata={},
    created_at=None,
    updated_at=None,
)


class ConductorCastsTest(base.TestCase):
    """Casts on a bus that leads nowhere."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write('[DEFAULT]\ntransport_url = fake://\n')
        services = channels.Services(
            aggext_conf.load([db.conf_file]), db.database, stubs.Inventory()
        )
        self.casts = channel.ConductorCasts(services)
        self.addCleanup(self.casts.close)
        self.who = stubs.caller(auth_token='secret')

    def compose(
        self, step: steps.Step, moment: types.Moment
    ) -> list[types.Draft]:
        """Give what is to be told."""
        done = stubs.done(AGGREGATE, step, who=self.who)
        subject = done.subjects[0]
        return list(self.casts.compose(done, subject, step, moment))

    def test_images(self) -> None:
        """One cast, with the caller's token, in the order asked for."""
        step = steps.CachingImages(AGGREGATE, ('i2', 'i1'))
        found = [
            draft
            for moment in types.Moment
            for draft in self.compose(step, moment)
        ]
        (draft,) = found
        self.assertEqual('aggregate:7', draft.stream)
        self.assertEqual(['i2', 'i1'], draft.body['image_ids'])
        self.assertEqual('secret', draft.body['context']['auth_token'])

    def test_nothing_else(self) -> None:
        """No other step, and no refusal, is the conductor's business."""
        step = steps.Renaming(AGGREGATE, 'b', AGGREGATE)
        self.assertEqual([], self.compose(step, types.Moment.CHANGED))
        error = exception.DuplicateImage()
        refusal = steps.Refusal(self.who, 'x', {}, (step,), error)
        self.assertEqual([], list(self.casts.compose_refusal(refusal)))

    def test_parked(self) -> None:
        """The token is not kept; why that matters is."""
        step = steps.CachingImages(AGGREGATE, ('i1',))
        (draft,) = self.compose(step, types.Moment.CHANGED)
        kept = self.casts.strip(draft)
        self.assertNotIn('secret', str(kept))
        self.assertIn('token', kept[outbox.UNABLE])
        self.assertEqual(['i1'], kept['image_ids'])
