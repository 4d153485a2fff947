# SPDX-License-Identifier: Apache-2.0
"""What is shipped beside the metrics: alerts, a dashboard, documentation."""

import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import prometheus_client
import yaml

from nova_aggext.metrics import meters
from nova_aggext.metrics import shown
from nova_aggext.metrics import state
from nova_aggext.metrics import stored
from nova_aggext.tests.functional import databases

SOURCE = pathlib.Path(__file__).parents[4]
ALERTS = SOURCE / 'etc/prometheus/alerts.yaml'
DASHBOARD = SOURCE / 'etc/grafana/nova-aggext.json'
PAGE = SOURCE / 'doc/source/admin/monitoring.rst'

_METRIC = re.compile(r'\b(?:aggext|process|python)_[a-z_]+|\bup\b')
_PARTS = re.compile(r'_(count|sum|bucket)$')
_NOTHING = state.State(pools=(), lanes=(), channels=())


def alerts() -> list[dict[str, Any]]:
    """Give the alert rules."""
    read = yaml.safe_load(ALERTS.read_text())
    return [rule for group in read['groups'] for rule in group['rules']]


def dashboard() -> dict[str, Any]:
    """Give the dashboard."""
    made: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return made


def queries(made: dict[str, Any]) -> Iterator[str]:
    """Give the queries of a dashboard."""
    for panel in made['panels']:
        for target in panel.get('targets', ()):
            yield target['expr']


def named(text: str) -> set[str]:
    """Find metrics by the names under which they are asked for."""
    found = _METRIC.findall(text)
    return {_PARTS.sub('', one) for one in found} - {'up'}


def known(database: databases.Database) -> set[str]:
    """Give the names of all metrics, as they are asked for."""
    counted = meters.Meters()
    registry = prometheus_client.CollectorRegistry()
    registry.register(stored.Stored(database.database))
    registry.register(
        shown.Shown(counted, lambda: counted.holds(_NOTHING), {})
    )
    return {
        f'{one.name}_total' if one.type == 'counter' else one.name
        for one in registry.collect()
    }
