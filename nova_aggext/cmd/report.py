# SPDX-License-Identifier: Apache-2.0
"""Guru Meditation Reports: what a process is doing, for who asks by a signal.

Apart from those of the services of OpenStack, which are kept by a class for
all of a process: these are made of what is told.
"""

import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from oslo_reports import report
from oslo_reports.generators import conf as conf_generators
from oslo_reports.generators import process as process_generators
from oslo_reports.models import with_default_views

from nova_aggext import services as aggext_services
from nova_aggext import version
from nova_aggext.metrics import state as metrics_state
from nova_aggext.metrics import stored

_TITLE = 'nova-aggext Guru Meditation'


def write(several: Iterable[aggext_services.Services]) -> None:
    """Write a report of services to standard error."""
    print(text(several), file=sys.stderr, flush=True)


def text(several: Iterable[aggext_services.Services]) -> str:
    """Make a report of services; it holds no secret.

    A database that does not answer is waited for ``looks.SECONDS``.
    """
    made = report.TextReport(_TITLE)
    made.add_section(
        'Package', _section(lambda: {'version': version.release()})
    )
    made.add_section('Process', process_generators.ProcessReportGenerator())
    made.add_section('Threads', _section(metrics_state.threads))
    for services in several:
        _add(made, services)
    return made.run()


def _add(made: report.TextReport, services: aggext_services.Services) -> None:
    state = services.state()
    made.add_section('Pools', _section(lambda: _pools(state)))
    made.add_section('Relays', _section(lambda: _lanes(state)))
    made.add_section('Database', _section(lambda: _stored(services)))
    made.add_section(
        'Configuration', conf_generators.ConfigReportGenerator(services.conf)
    )


def _section(
    give: Callable[[], Mapping[str, Any]],
) -> Callable[[], with_default_views.ModelWithDefaultViews]:
    return lambda: with_default_views.ModelWithDefaultViews(dict(give()))


def _pools(state: metrics_state.State) -> Mapping[str, Any]:
    return {
        one.name: {'used': one.used, 'idle': one.idle, 'limit': one.most}
        for one in state.pools
    }


def _lanes(state: metrics_state.State) -> Mapping[str, Any]:
    return {
        one.name: {
            'running': one.running,
            'streams': one.held,
            'waits for': ', '.join(sorted(one.waits_for)) or 'nobody',
        }
        for one in state.lanes
    }


def _stored(services: aggext_services.Services) -> Mapping[str, Any]:
    """Read what metrics show, under the same names."""
    return {
        ' '.join([sample.name, *sample.labels.values()]): sample.value
        for metric in stored.Stored(services.database).collect()
        for sample in metric.samples
    }
