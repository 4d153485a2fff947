# SPDX-License-Identifier: Apache-2.0
"""The JSON examples by which the own API was designed, as they stand there.

Requests are sent as they are to a cloud that is prepared for them. Answers
have the shape of the examples, and every value that the server did not choose.
"""

import datetime
import json
import pathlib
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base

EXAMPLES = pathlib.Path(__file__).with_name('examples')
OPTIONS = f"""
[api]
compute_link_prefix = https://nova.example
[aggext]
help_url = https://example.org/aggext/errors.html
{base.TOLD}"""
# What the server chooses, wherever it stands.
CHOSEN = frozenset(
    ('changed_at', 'digest', 'etag', 'etag_before', 'request_id')
)

MADE = datetime.datetime(2026, 1, 9, 8)
CHANGED = datetime.datetime(2026, 11, 27, 10, 11, 12)
GPU = '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a10'
AZ1 = '8d0f6a2e-2f59-4a37-8f0b-6a7d4e1f2b3c'
GOLD = '6f1f5f9f-8a10-4c52-9a41-0e4c1f0a5f3e'
TENANT = '5a9c0f4b2d5e4d0f8c1b7a6e3d2c1b0a'
ZONE = 'availability_zone'


def example(name: str) -> Any:
    """Read an example."""
    return json.loads(EXAMPLES.joinpath(f'{name}.json').read_text())


class ExampleTestCase(base.ChangesTestCase):
    """A cloud with the aggregates of the examples, by their ids."""

    scenarios = base.KINDS
    options = OPTIONS

    def like(
        self, name: str, told: Any, chosen: Collection[str] = CHOSEN
    ) -> None:
        """Check what is answered against an example.

        :param chosen: members that have another value of the same type
        """
        wanted = _levelled(example(name), chosen)
        self.assertEqual(wanted, _levelled(told, chosen))

    def insert(
        self,
        number: int,
        uuid: str,
        name: str,
        hosts: Collection[str] = (),
        **metadata: str,
    ) -> None:
        """Make an aggregate as it stands in an example."""
        self.inventory.add_host(*hosts)
        times = {'created_at': MADE, 'updated_at': CHANGED}
        row = {'id': number, 'uuid': uuid, 'name': name, **times}
        of = {'aggregate_id': number, 'created_at': MADE}

        def work(session: db_database.Session) -> None:
            session.execute(sa.insert(models.aggregates), row)
            for host in hosts:
                session.execute(
                    sa.insert(models.aggregate_hosts), {'host': host, **of}
                )
            for key, value in metadata.items():
                session.execute(
                    sa.insert(models.aggregate_metadata),
                    {'key': key, 'value': value, **of},
                )

        self.db.database.write(work)


def _levelled(value: Any, chosen: Collection[str]) -> Any:
    """Give a document with the types of what is chosen in its place."""
    if isinstance(value, list):
        return [_levelled(one, chosen) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: type(one).__name__ if name in chosen else _levelled(one, chosen)
        for name, one in value.items()
    }
