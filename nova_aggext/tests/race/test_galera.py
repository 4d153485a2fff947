# SPDX-License-Identifier: Apache-2.0
"""Races on a Galera cluster, each process on its own node."""

from nova_aggext.tests.race import galera
from nova_aggext.tests.race import outage
from nova_aggext.tests.race import workload


class GaleraRaceTest(outage.LockWaitTest):
    kind = 'galera'
    impatience = {'init_command': 'SET SESSION innodb_lock_wait_timeout = 1'}

    def test_node_stops_and_joins(self) -> None:
        """Only the process on that node notices, and only meanwhile."""
        cluster = self.cloud.cluster
        assert cluster is not None
        node, lonely = cluster.nodes[-1], self.cloud.servers[-1]
        mix = workload.Mix(self.cloud.servers, clients=9)
        reader = workload.Reader(self.cloud.databases[:-1])
        moments: list[float] = []

        def restart() -> None:
            _restart(cluster, node, moments)

        mix.run(lambda: reader.during(restart))
        stopping, stopped, joining, joined = moments
        self.report(
            mix,
            f'a node stopped in {stopped - stopping:.1f} s '
            f'and joined in {joined - joining:.1f} s',
        )
        self.assertEqual([], reader.found)
        found = workload.wrong(self.database, mix.events, [503])
        self.assertEqual([], found)
        refused = [e.answer for e in mix.events if e.answer.status == 503]
        self.assertEqual({lonely.port}, {answer.port for answer in refused})
        late = [a for a in refused if a.received > joined + 2]
        self.assertEqual([], late)


def _restart(
    cluster: galera.Cluster, node: galera.Node, moments: list[float]
) -> None:
    workload.wait(1)
    moments.append(workload.now())
    node.stop()
    moments.append(workload.now())
    workload.wait(2)
    moments.append(workload.now())
    cluster.rejoin(node)
    moments.append(workload.now())
    workload.wait(3)
