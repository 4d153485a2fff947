# SPDX-License-Identifier: Apache-2.0
"""Nova and the filter, asked the same at random.

Each has databases of its own. After each request the answers are compared,
and what is stored. A difference must be one of the known defects of Nova. A
sequence ends where the two hold different things.

``AGGEXT_PEER_EXAMPLES`` says how many sequences of requests to try.
"""

import os
from typing import Any, ClassVar

import hypothesis
from hypothesis import strategies as st

from nova_aggext.tests.functional.contract import compare
from nova_aggext.tests.functional.contract import normalise
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import defects
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import requests

BOUNDS = hypothesis.settings(
    max_examples=int(os.environ.get('AGGEXT_PEER_EXAMPLES', '40')),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)
SEQUENCES = st.randoms(use_true_random=True).map(requests.sequence)

_STORED = {
    'names': 'SELECT id, name FROM aggregates',
    'hosts': 'SELECT aggregate_id, host FROM aggregate_hosts',
    'metadata': 'SELECT aggregate_id, `key`, value FROM aggregate_metadata',
}


class Side:
    """One of the two that are compared."""

    def __init__(self, nova: clouds.Nova, *, filtered: bool) -> None:
        self.nova = nova
        self.hosts = inventory.Inventory(nova.databases)
        for host in requests.HOSTS:
            self.hosts.add_host(host)
        self.hosts.add_host(requests.NODELESS, compute_node=False)
        self.hosts.add_instances('busy')
        self.server = nova.serve(filtered=filtered)
        self.client = client.Client('127.0.0.1', self.server.port)

    def begin(self) -> None:
        """Forget all aggregates."""
        self.hosts.reset()
        self.ids: list[int] = []

    def play(self, step: requests.Step) -> dict[str, Any]:
        """Send a request; return the answer in a form to be compared."""
        answer = self.client.send(step.request(self.ids))
        self._learn()
        variables = {'u': '\0', 'U': '\0'} | {
            f'aggregate{number}': key for number, key in enumerate(self.ids)
        }
        normaliser = normalise.Normaliser(self.server.url, variables)
        found = normaliser.answer(answer)
        return {**found, 'body': _without_times(found['body'])}

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what is stored, with numbers in place of ids."""
        return {
            what: sorted(
                (self.ids.index(key), *rest)
                for key, *rest in self._rows(statement)
            )
            for what, statement in _STORED.items()
        }

    def _learn(self) -> None:
        """Take note of aggregates that are new."""
        found = sorted(row[0] for row in self._rows(_STORED['names']))
        self.ids += [key for key in found if key not in self.ids]

    def _rows(self, statement: str) -> list[Any]:
        return self.nova.databases.execute(databases.API, statement)


def _without_times(value: Any) -> Any:
    """Leave out when an aggregate was changed; see defect D18."""
    if isinstance(value, dict):
        return {
            key: _without_times(item)
            for key, item in value.items()
            if key != 'updated_at'
        }
    if isinstance(value, list):
        return [_without_times(item) for item in value]
    return value


class DifferentialTest(base.PeerTest):
    """Sequences of requests."""

    theirs: ClassVar[Side]
    ours: ClassVar[Side]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        plain = cls.use_for_class(clouds.Nova())
        plain.serve_placement()
        filtered = cls.use_for_class(clouds.Nova())
        filtered.sync()
        cls.theirs = Side(plain, filtered=False)
        cls.ours = Side(filtered, filtered=True)

    @BOUNDS
    @hypothesis.given(SEQUENCES)
    def test_sequences(self, steps: list[requests.Step]) -> None:
        """What is answered and stored is the same, defects aside."""
        self.theirs.begin()
        self.ours.begin()
        for number, step in enumerate(steps):
            if not self.agree(step, steps[:number]):
                return

    def agree(self, step: requests.Step, before: list[requests.Step]) -> bool:
        """Compare one step; return whether the next one can be compared."""
        theirs, ours = self.theirs.play(step), self.ours.play(step)
        found = compare.differences(theirs, ours)
        stored = self.theirs.stored(), self.ours.stored()
        if stored[0] != stored[1]:
            found.append(f'stored: {stored}')
        if not found:
            return True
        statuses = theirs['status'], ours['status']
        kinds = [step.kind] + [f'{step.kind} v2'] * (step.api == '/v2')
        known = any(
            defect.explains(kind, statuses, step.text)
            for defect in defects.DEFECTS
            for kind in kinds
        )
        if not known:
            sent = '\n'.join(str(each) for each in (*before, step))
            self.fail(f'{sent}\n{found}\n{theirs}\n{ours}')
        return stored[0] == stored[1]
