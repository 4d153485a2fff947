# SPDX-License-Identifier: Apache-2.0
"""Answers, beside the examples of them."""

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base
from nova_aggext.tests.functional.host_aggregate import examples

load_tests = testscenarios.load_tests_apply_scenarios


class AnswersTest(examples.ExampleTestCase):
    """What is answered, as far as the example tells what was asked."""

    def test_discovery(self) -> None:
        self.like('discovery', self.send('GET', '').json)

    def test_host(self) -> None:
        metadata = {examples.ZONE: 'az1', 'filter_tenant_id': examples.TENANT}
        self.insert(3, examples.AZ1, 'az1', ['cmp-a017'], **metadata)
        answer = self.send('GET', '/hosts/cmp-a017')
        told = answer.json
        # As all that has an address; the example leaves it out.
        address = 'https://nova.example/v2.1/os-aggext/hosts/cmp-a017'
        links = [{'rel': 'self', 'href': address}]
        self.assertEqual(links, told['host'].pop('links'))
        self.like('host', told)

    def test_aggregate(self) -> None:
        hosts = ['cmp-g001', 'cmp-g002']
        self.insert(
            7, examples.GPU, 'gpu', hosts, ssd='true', **{examples.ZONE: 'az2'}
        )
        said = {
            'aggregate_id': 7,
            'description': 'A100 pool, see RUNBOOK-12',
            'owner': examples.TENANT,
            'protected': True,
        }
        insert = sa.insert(models.annotations)
        self.db.database.write(lambda s: s.execute(insert, said))
        answer = self.send('GET', '/aggregates/7')
        self.like('aggregate', answer.json)
        shown = answer.json['aggregate']
        self.assertEqual(f'"{shown["etag"]}"', answer.headers['ETag'])

    def test_change_answer(self) -> None:
        """The example shows the first of two effects, and half of the rest."""
        self.insert(
            7, examples.GPU, 'gpu', hdd='yes', **{examples.ZONE: 'az2'}
        )
        metadata = {examples.ZONE: 'az1', 'filter_tenant_id': examples.TENANT}
        self.insert(8, examples.AZ1, 'cage', ['cmp-a017'], **metadata)
        # It is in that zone already.
        self.insert(
            9, examples.GOLD, 'az2', ['cmp-a018'], **{examples.ZONE: 'az2'}
        )
        gpu = {
            'aggregate': {'name': 'gpu'},
            'hosts': {'add': ['cmp-a[017-018]']},
            'metadata': {'add': {'ssd': 'true'}, 'remove': ['hdd']},
        }
        cage = {'aggregate': {'id': 8}, 'hosts': {'remove': ['cmp-a017']}}
        wanted = examples.example('change-answer')['change']
        answer = self.put(
            wanted['id'],
            {'reason': wanted['reason'], 'aggregates': [gpu, cage]},
            user='u1',
            project='p1',
        )
        self.assertEqual(201, answer.status_int, answer.text)
        self.assertEqual(
            f'https://nova.example/v2.1/os-aggext/changes/{wanted["id"]}',
            answer.headers['Location'],
        )
        told = answer.json['change']
        self.assertEqual(2, len(told['effects']))
        del told['effects'][1]
        zone = next(
            one for one in told['warnings'] if 'zone_emptied' in one['code']
        )
        told['warnings'].remove(zone)
        # There they are of more than is shown.
        self.like(
            'change-answer',
            {'change': told},
            examples.CHOSEN | {'notifications'},
        )

    def test_error(self) -> None:
        self.insert(7, examples.GPU, 'gpu', **{examples.ZONE: 'az2'})
        self.insert(
            3, examples.AZ1, 'az1', ['cmp-a018'], **{examples.ZONE: 'az1'}
        )
        self.inventory.add_host('cmp-a018', instances=12)
        answer = self.post(
            {
                'aggregates': [
                    base.of({'id': 7}, hosts={'add': ['cmp-a018']}),
                    base.of({'id': 3}, hosts={'remove': ['cmp-a018']}),
                ]
            }
        )
        self.assertEqual(409, answer.status_int)
        self.like('error', answer.json)
