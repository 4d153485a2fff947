# SPDX-License-Identifier: Apache-2.0
"""Random applies of several managers, beside a model of what they mean.

``AGGEXT_MODEL_APPLIES`` says how many to make.
"""

import itertools
import os
import random

from nova_aggext.tests import base
from nova_aggext.tests.unit.compute.managers import chance
from nova_aggext.tests.unit.compute.managers import model
from nova_aggext.tests.unit.compute.managers import world

APPLIES = int(os.environ.get('AGGEXT_MODEL_APPLIES', '20000'))
# After so many applies everything begins anew.
_LIFE = 40


class ModelTest(base.TestCase):
    """What holds of each apply, whatever is applied."""

    def setUp(self) -> None:
        super().setUp()
        self.chance = random.Random(27)
        self.documents: dict[str, chance.Document] = {}
        self.accepted = self.conflicts = self.drifts = 0
        self.marks = map(str, itertools.count())

    def test_random_applies(self) -> None:
        """The core does what the model says, and refuses what it refuses."""
        for number in range(APPLIES):
            if number % _LIFE == 0:
                self.model = model.Model()
                self.documents = {}
            if self.chance.random() < 0.5:
                chance.outside(self.chance, self.model)
            manager = self.chance.choice(chance.MANAGERS)
            document = chance.document(self.chance)
            if manager in self.documents and self.chance.random() < 0.2:
                document = self.documents[manager]
            if self._apply(manager, document):
                self.documents[manager] = document
                self._holds(manager, document)
            if number % _LIFE == _LIFE - 1:
                self._is_quiet()
        self.assertGreater(self.accepted, APPLIES // 5)
        self.assertGreater(self.conflicts, APPLIES // 20)
        self.assertGreater(self.drifts, APPLIES // 50)

    def _apply(self, manager: str, document: chance.Document) -> bool:
        """Apply in both; give whether it was not refused."""
        mark = next(self.marks)
        verdict = self.model.judge(manager, document, mark)
        found = world.apply(self.model, manager, document, mark)
        self.assertEqual(verdict.conflicts, found.conflicts, str(document))
        self.assertEqual(verdict.drifts, found.drifts, str(document))
        refused = self.model.is_refused(document, verdict)
        self.assertEqual(refused, found.is_refused, str(document))
        self.conflicts += bool(verdict.conflicts)
        self.drifts += bool(verdict.drifts)
        if refused:
            return False
        self.assertEqual(verdict.states, found.states, str(document))
        self.assertEqual(verdict.memory, found.memory, str(document))
        self.model.accept(verdict)
        self.accepted += 1
        return True

    def _holds(self, manager: str, document: chance.Document) -> None:
        """Every claim is true; a repeat changes and stores nothing."""
        for key, claims in self.model.memory[manager].items():
            state = self.model.states[key]
            for field in (*model.SCALARS, *model.ELEMENTS):
                claimed = claims.opinion(field)
                if claimed is not model.NO_OPINION:
                    found = model.get(state, field)
                    if field in claims.skipped:
                        self.assertNotIn(field[6:], self.model.known)
                        claimed = False
                    self.assertEqual(claimed, found, field)
        again = world.apply(self.model, manager, document, next(self.marks))
        self.assertFalse(again.is_refused)
        self.assertEqual(self.model.states, again.states)
        self.assertEqual(self.model.memory, again.memory)
        self.assertEqual((set(), False), (again.drifts, again.changes))

    def _is_quiet(self) -> None:
        """Nobody takes back and forth what another one holds."""
        for _ in range(5):
            before = self.model.states
            for manager, document in self.documents.items():
                asked = {**document, 'force': False}
                self._apply(manager, asked)
            if self.model.states == before:
                return
        self.fail('they do not come to rest')
