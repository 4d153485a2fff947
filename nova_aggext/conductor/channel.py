# SPDX-License-Identifier: Apache-2.0
"""Casts to the conductor: cache images (SIDE_EFFECTS, section 3)."""

import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import oslo_messaging

from nova_aggext import messaging
from nova_aggext.compute import steps
from nova_aggext.db import outbox
from nova_aggext.objects import aggregate as objects
from nova_aggext.objects import identity
from nova_aggext.outbox import channels
from nova_aggext.outbox import types

KIND = 'cache_images'


class ConductorCasts(types.Plain):
    """Hands the caching of images to the conductor.

    The caller's token goes with it, as computes fetch images with that; it is
    in the outbox until the cast was sent, or is parked.
    """

    kinds = frozenset((KIND,))
    lanes = frozenset((types.AGGREGATES,))

    def __init__(self, services: channels.Services) -> None:
        messaging.register(services.conf)
        self._bus = messaging.Bus(
            services.conf, messaging.rpc_transport, _client, types.Away
        )

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Give the cast of a request to cache images."""
        if moment is types.Moment.CHANGED and isinstance(
            step, steps.CachingImages
        ):
            body = {
                'context': identity.primitive(done.who, credentials=True),
                'aggregate': objects.snapshot(step.before.values()),
                'image_ids': list(step.image_ids),
            }
            stream = types.stream_of_aggregate(subject.aggregate.id)
            yield types.Draft(stream, KIND, str(uuid.uuid4()), body)

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Send the cast."""
        body = message.body
        with self._bus.sending() as client:
            client.cast(
                body['context'],
                KIND,
                aggregate=body['aggregate'],
                image_ids=body['image_ids'],
            )

    def strip(self, message: types.Draft) -> Mapping[str, Any]:
        """Leave the token out, without which computes fetch nothing."""
        caller = {**message.body['context'], 'auth_token': None}
        return {
            **message.body,
            'context': caller,
            outbox.UNABLE: 'the token of its caller was dropped when it was '
            'parked; the images have to be asked for again',
        }

    def close(self) -> None:
        """Close the connections."""
        self._bus.close()


def _client(transport: oslo_messaging.Transport) -> Any:
    """Make what casts to a conductor."""
    target = oslo_messaging.Target(
        topic='conductor', namespace='compute_task', version='1.21'
    )
    return oslo_messaging.get_rpc_client(
        transport, target, retry=messaging.NO_RETRY
    )
