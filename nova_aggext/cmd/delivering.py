# SPDX-License-Identifier: Apache-2.0
"""Delivers until it is told to end, with a configuration that may change."""

import logging
from collections.abc import Callable
from collections.abc import Iterator

from oslo_config import cfg
from prometheus_client import core
from prometheus_client import registry

from nova_aggext import exception
from nova_aggext import services
from nova_aggext.cmd import signals
from nova_aggext.outbox import metrics

LOG = logging.getLogger(__name__)

# Seconds after which a thread that died is noticed.
_WATCH = 10.0

Make = Callable[[], services.Services]


class Deliverer(registry.Collector):
    """Delivers with one set of services after the other; also its metrics."""

    def __init__(self, make: Make) -> None:
        """Make the first services.

        :param make: makes them of the configuration as it is then
        :raises AggextException: when they cannot work as configured
        """
        self._make = make
        self._services = make()
        self._waiting = metrics.Waiting(self._services.database)

    def run(self, asked: signals.Signals) -> None:
        """Deliver until a signal asks for the end."""
        wish: signals.Wish | None = None
        while wish is not signals.Wish.END:
            # Also what could not be started, or died.
            self._services.delivery.start()
            wish = asked.wait(_WATCH)
            if wish is signals.Wish.RELOAD:
                self._reload()

    def close(self) -> None:
        """Give back what the last services hold."""
        self._services.close()

    def collect(self) -> Iterator[core.Metric]:
        """Give the metrics of what delivers at present."""
        yield from self._services.delivery.counters.registry.collect()
        yield from self._waiting.collect()

    def _reload(self) -> None:
        try:
            made = self._make()
        except (exception.AggextException, cfg.Error) as error:
            LOG.error('The configuration stays as it was: %s', error)
            return
        except Exception:
            LOG.exception('The configuration stays as it was')
            return
        before, self._services = self._services, made
        self._waiting = metrics.Waiting(made.database)
        before.close()
        LOG.info('The configuration was read anew')
