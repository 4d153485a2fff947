# SPDX-License-Identifier: Apache-2.0
"""Random applies through HTTP, beside the model of the core's own test.

``AGGEXT_MODEL_REQUESTS`` says how many to make.
"""

import copy
import itertools
import os
import random

import testscenarios

from nova_aggext.tests.functional.managers import base
from nova_aggext.tests.unit.compute.managers import chance
from nova_aggext.tests.unit.compute.managers import model

load_tests = testscenarios.load_tests_apply_scenarios

APPLIES = int(os.environ.get('AGGEXT_MODEL_REQUESTS', '300'))

_GIVEN = ('name', 'description', 'protected')


class ModelTest(base.ManagersTestCase):
    """What the model says is what is in the tables."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.chance = random.Random(31)
        self.model = model.Model()
        self.marks = map(str, itertools.count())
        self.accepted = 0

    def test_random_applies(self) -> None:
        """States, claims, refusals; a repeat does nothing."""
        for number in range(APPLIES):
            if self.chance.random() < 0.4:
                self._outside()
            manager = self.chance.choice(chance.MANAGERS)
            document = chance.document(self.chance)
            if self._apply(manager, document) and number % 5 == 0:
                self.settled(
                    manager,
                    *document['aggregates'],
                    **{k: v for k, v in document.items() if k != 'aggregates'},
                )
        self.assertGreater(self.accepted, APPLIES // 5)

    def _apply(self, manager: str, document: chance.Document) -> bool:
        verdict = self.model.judge(manager, document, next(self.marks))
        body = {'manager': document}
        planned = self.send('PUT', f'/managers/{manager}?dry_run=true', body)
        answer = self.send('PUT', f'/managers/{manager}', body)
        refused = self.model.is_refused(document, verdict)
        self.assertEqual(refused, answer.status_int >= 400, answer.text)
        if refused:
            self.assertEqual(planned.status_int, answer.status_int)
            self.assertIn(answer.status_int, (400, 403, 409))
            return False
        self.accepted += 1
        self.model.accept(verdict)
        self.assertEqual(
            planned.json['change']['digest'], answer.json['change']['digest']
        )
        told = {
            (one['aggregate']['name'], one['field'])
            for one in answer.json['change']['warnings']
            if one['code'] == 'host-aggregate.drift'
        }
        self.assertEqual(verdict.drifts, told)
        self.assertEqual(self._expected(), self._found())
        return True

    def _expected(self) -> dict[str, object]:
        claimed: dict[str, dict[str, list[str]]] = {}
        for manager, of in self.model.memory.items():
            for key, one in of.items():
                fields = sorted({*one.values, *one.whole})
                if key in self.model.states and fields:
                    claimed.setdefault(key, {})[manager] = fields
        return {
            state['name']: (
                state['availability_zone'],
                {f: v for f, v in sorted(state.items()) if '/' in f},
                claimed.get(key, {}),
            )
            for key, state in self.model.states.items()
        }

    def _found(self) -> dict[str, object]:
        fields = 'name,availability_zone,hosts,metadata,claims'
        listed = self.send('GET', f'/aggregates?fields={fields}').json
        return {
            one['name']: (
                one['availability_zone'],
                {
                    **{f'hosts/{host}': True for host in one['hosts']},
                    **{
                        f'metadata/{key}': value
                        for key, value in sorted(one['metadata'].items())
                    },
                },
                one['claims'],
            )
            for one in listed['aggregates']
        }

    def _outside(self) -> None:
        """Let somebody else change something, in both."""
        before = copy.deepcopy(self.model.states)
        known = set(self.model.known)
        chance.outside(self.chance, self.model)
        for host in self.model.known - known:
            self.inventory.add_host(host)
        for host in known - self.model.known:
            self.inventory.remove_host(host)
        for key, state in before.items():
            after = self.model.states.get(key)
            if after != state:
                if state['protected']:
                    self.change(_item(state, {**state, 'protected': False}))
                if after != {**state, 'protected': False}:
                    self.change(_item(state, after))


def _item(before: model.State, after: model.State | None) -> base.Document:
    reference = {'name': before['name']}
    if after is None:
        gone: base.Document = {'set': []}
        return {'op': 'delete', 'aggregate': reference, 'hosts': gone}
    return {
        'aggregate': reference,
        **{name: after[name] for name in _GIVEN},
        'hosts': {'set': [f[6:] for f in after if f.startswith('hosts/')]},
        'metadata': {
            'set': {
                f[9:]: value
                for f, value in after.items()
                if f.startswith('metadata/')
            }
        },
    }
