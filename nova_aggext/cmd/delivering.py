# SPDX-License-Identifier: Apache-2.0
"""Delivers until it is told to end, with a configuration that may change."""

import logging
import os
from collections.abc import Callable
from collections.abc import Iterator

from oslo_config import cfg
from prometheus_client import core
from prometheus_client import registry

from nova_aggext import exception
from nova_aggext import services
from nova_aggext.cmd import report
from nova_aggext.cmd import signals
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.metrics import shown
from nova_aggext.metrics import stored

LOG = logging.getLogger(__name__)

# Seconds after which a thread that died is noticed.
_WATCH = 10.0

Make = Callable[[metrics_meters.Meters], services.Services]


class Deliverer(registry.Collector):
    """Delivers with one set of services after the other; also its metrics."""

    def __init__(self, make: Make) -> None:
        """Make the first services.

        :param make: makes them of the configuration as it is then, and of
            what all of them count with
        :raises AggextException: when they cannot work as configured
        """
        self._make = make
        self._meters = metrics_meters.Meters()
        self._services = make(self._meters)
        self._stored = stored.Stored(self._services.database)
        self._shown = shown.Shown(self._meters, self._sample, os.environ)

    def run(self, asked: signals.Signals) -> None:
        """Deliver until a signal asks for the end."""
        wish: signals.Wish | None = None
        while wish is not signals.Wish.END:
            # Also what could not be started, or died.
            self._services.start(delivers=True)
            wish = asked.wait(_WATCH)
            if wish is signals.Wish.RELOAD:
                self._reload()
            if wish is signals.Wish.REPORT:
                report.write([self._services])

    def close(self) -> None:
        """Give back what the last services hold."""
        self._services.close()

    def collect(self) -> Iterator[core.Metric]:
        """Give the metrics of what delivers at present."""
        yield from self._shown.collect()
        yield from self._stored.collect()

    def _sample(self) -> None:
        self._services.sample()

    def _reload(self) -> None:
        try:
            made = self._make(self._meters)
        except (exception.AggextException, cfg.Error) as error:
            LOG.error('The configuration stays as it was: %s', error)
            return
        except Exception:
            LOG.exception('The configuration stays as it was')
            return
        before, self._services = self._services, made
        self._stored = stored.Stored(made.database)
        before.close()
        LOG.info('The configuration was read anew')
