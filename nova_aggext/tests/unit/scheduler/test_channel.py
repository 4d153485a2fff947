# SPDX-License-Identifier: Apache-2.0
"""What schedulers are told when nobody has changed anything."""

from typing import Any

import sqlalchemy as sa
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import messaging
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import changes
from nova_aggext.db import models
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.scheduler import channel
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class Client:
    """A client that keeps what is cast."""

    def __init__(self) -> None:
        self.casts: list[tuple[str, dict[str, Any]]] = []

    def cast(self, who: Any, method: str, **arguments: Any) -> None:
        """Keep a cast."""
        self.casts.append((method, arguments))


class SchedulerCastsTest(base.TestCase):
    """Casts on a bus that leads nowhere."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database())
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write('[DEFAULT]\ntransport_url = fake://\n')
        conf: cfg.ConfigOpts = aggext_conf.load([db.conf_file])
        self.database, inventory = db.database, stubs.Inventory(h1=0)
        self.api = api.AggregateAPI(db.database, inventory, ports.Silent())
        self.casts = channel.SchedulerCasts(
            channels.Services(conf, db.database, inventory)
        )
        self.addCleanup(self.casts.close)
        self.client = Client()
        self.casts._bus = messaging.Bus(
            conf, messaging.rpc_transport, lambda _: self.client, types.Away
        )

    def tell(self, *drafts: types.Draft) -> None:
        """Store messages and tell them."""
        self.database.write(lambda s: outbox.append(s, drafts))
        messages = self.database.read(lambda s: outbox.select(s, 9))
        for message in self.casts.prepare(messages):
            self.casts.tell(message, None)

    def test_truth_at_delivery(self) -> None:
        """A cast says what is true when it is sent."""
        made = self.api.create_aggregate(stubs.caller(), 'a', None)
        drafts = self.casts.recast([made.id])
        self.api.add_host_to_aggregate(stubs.caller(), made.id, 'h1')
        self.tell(*drafts)
        ((method, arguments),) = self.client.casts
        self.assertEqual('update_aggregates', method)
        (told,) = arguments['aggregates']
        self.assertEqual(['h1'], told['nova_object.data']['hosts'])

    def test_one_without_a_wire_form(self) -> None:
        """An aggregate that cannot be told of does not hold up others."""
        who = stubs.caller()
        bad = self.api.create_aggregate(who, 'bad', None)
        good = self.api.create_aggregate(who, 'good', None)
        nameless = (
            sa.update(models.aggregates)
            .where(models.aggregates.c.id == bad.id)
            .values(name=None)
        )
        self.database.write(lambda s: s.execute(nameless))
        drafts = self.casts.recast([bad.id, good.id])
        first, second = self.casts.prepare(drafts)
        self.assertRaises(ValueError, self.casts.tell, first, None)
        self.casts.tell(second, None)
        self.assertEqual(1, len(self.client.casts))

    def test_gone(self) -> None:
        """Nothing is said of an aggregate that is gone."""
        self.tell(*self.casts.recast([7]))
        self.assertEqual([], self.client.casts)

    def test_deleted(self) -> None:
        """A deletion is told again as it is remembered."""
        made = self.api.create_aggregate(stubs.caller(), 'a', 'z')
        self.api.delete_aggregate(stubs.caller(), made.id)
        long_ago = streams.now().replace(year=2000)
        gone = self.database.read(
            lambda s: changes.select_deleted(s, long_ago)
        )
        self.tell(*self.casts.recast_deleted(gone))
        ((method, arguments),) = self.client.casts
        self.assertEqual('delete_aggregate', method)
        data = arguments['aggregate']['nova_object.data']
        self.assertEqual(
            (made.id, made.uuid, 'a', {'availability_zone': 'z'}),
            tuple(data[name] for name in ('id', 'uuid', 'name', 'metadata')),
        )
