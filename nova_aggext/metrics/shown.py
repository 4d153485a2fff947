# SPDX-License-Identifier: Apache-2.0
"""Which metrics a process shows: its own, or those of all in a folder."""

import contextlib
import os
import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

import prometheus_client
from prometheus_client import core
from prometheus_client import multiprocess
from prometheus_client import registry

from nova_aggext import version
from nova_aggext.metrics import meters as metrics_meters


class Shown(registry.Collector):
    """Shows what a process did, or all did that share a folder."""

    def __init__(
        self,
        meters: metrics_meters.Meters,
        sample: Callable[[], None],
        environ: Mapping[str, str],
    ) -> None:
        """Take what this process counts, and what lets it look at itself."""
        self._sample = sample
        self._folder = environ.get(metrics_meters.MULTIPROCESS)
        if self._folder is None:
            self._registry = meters.registry
        else:
            self._registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(  # type: ignore[no-untyped-call]
                self._registry, self._folder
            )

    def collect(self) -> Iterator[core.Metric]:
        """Give all metrics but those of the database."""
        self._sample()
        if self._folder is not None:
            _forget_dead(pathlib.Path(self._folder))
        yield from self._registry.collect()
        build = core.GaugeMetricFamily(
            'aggext_build_info', 'The release.', labels=['version']
        )
        build.add_metric([version.release()], 1)
        yield build


def _forget_dead(folder: pathlib.Path) -> None:
    """Leave out what processes held that are gone.

    What they counted stays.
    """
    pids = {
        int(path.stem.rpartition('_')[2]) for path in folder.glob('gauge*.db')
    }
    for pid in pids:
        if not _lives(pid):
            # Another process may have come first.
            with contextlib.suppress(FileNotFoundError):
                multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
