# SPDX-License-Identifier: Apache-2.0
"""Alerts, dashboard and documentation fit the metrics that there are."""

import itertools
import re
from typing import Any

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.metrics import shipped

_URL = 'https://docs.openstack.org/nova-aggext/latest/admin/monitoring.html#'
_KINDS = {'row', 'stat', 'timeseries'}
_WIDTH = 24


class ShippedTest(base.TestCase):
    """What names metrics names those that there are."""

    def setUp(self) -> None:
        super().setUp()
        self.known = shipped.known(self.useFixture(databases.Database()))

    def test_page(self) -> None:
        """The page has every metric in a table, and no other."""
        rows = re.findall(
            r'^``(aggext_[a-z_]+)`` +[A-Z01]',
            shipped.PAGE.read_text(),
            re.MULTILINE,
        )
        self.assertEqual(sorted(self.known), sorted(rows))

    def test_alerts(self) -> None:
        """Alerts ask for metrics that there are."""
        for rule in shipped.alerts():
            named = shipped.named(rule['expr'])
            self.assertEqual(set(), named - self.known, rule['alert'])

    def test_dashboard(self) -> None:
        """The dashboard shows every metric, and no other."""
        made = shipped.dashboard()
        named = shipped.named(' '.join(shipped.queries(made)))
        self.assertEqual(self.known, named)
        for one in made['templating']['list'][1:]:
            asked = shipped.named(one['query']['query'])
            self.assertTrue(asked <= self.known, asked)


class RunbookTest(base.TestCase):
    """Each alert says what to do."""

    def test_sections(self) -> None:
        """It has a section of its name, which the link leads to."""
        titles = re.findall(
            r'^(Aggext\w+)\n(-+)$', shipped.PAGE.read_text(), re.MULTILINE
        )
        names = [rule['alert'] for rule in shipped.alerts()]
        self.assertEqual(names, [title for title, _line in titles])
        for rule in shipped.alerts():
            self.assertEqual(
                _URL + rule['alert'].lower(),
                rule['annotations']['runbook_url'],
            )
            self.assertIn(rule['labels']['severity'], ('warning', 'critical'))
            self.assertTrue(rule['annotations']['summary'].endswith('.'))
            self.assertIn('for', rule)


class DashboardTest(base.TestCase):
    """The dashboard is one that Grafana takes."""

    def test_form(self) -> None:
        """Panels have what Grafana asks for, and places of their own."""
        made = shipped.dashboard()
        self.assertEqual('nova-aggext', made['uid'])
        panels = made['panels']
        ids = [one['id'] for one in panels]
        self.assertEqual(len(ids), len(set(ids)))
        for one in panels:
            self.assertIn(one['type'], _KINDS)
            self.assertTrue(one['title'])
            place = one['gridPos']
            self.assertTrue(place['x'] + place['w'] <= _WIDTH)
            for target in one.get('targets', ()):
                self.assertEqual('${datasource}', target['datasource']['uid'])
                self.assertIn('$job', target['expr'])
        for one, other in itertools.combinations(panels, 2):
            self.assertFalse(_overlap(one['gridPos'], other['gridPos']), one)


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(
        one[start] < other[start] + other[length]
        and other[start] < one[start] + one[length]
        for start, length in (('x', 'w'), ('y', 'h'))
    )
