# SPDX-License-Identifier: Apache-2.0
"""The health check ``aggext`` of oslo.middleware: database and outbox."""

from typing import Any

from oslo_config import cfg
from oslo_middleware.healthcheck import pluginbase

from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext.db import looks
from nova_aggext.db import outbox
from nova_aggext.db import streams


# Messages that are counted: a check is asked often, also in an outage.
MOST = 1000


class OutboxHealth(pluginbase.HealthcheckBaseExtension):
    """Unhealthy without the database; says how much waits in the outbox.

    A message bus or a placement that is away makes nothing unhealthy: the
    API works, and what it has to tell waits.
    """

    def __init__(self, oslo_conf: cfg.ConfigOpts, conf: Any) -> None:
        super().__init__(oslo_conf, conf)
        self._look = looks.Look(
            deploy.monitored(conf, {}),
            lambda session: outbox.waiting(session, MOST),
        )

    def healthcheck(self, server_port: int) -> pluginbase.HealthcheckResult:
        """Read what waits, within ``looks.SECONDS``."""
        try:
            found = self._look.take()
        except exception.ServiceUnavailable as error:
            # Anybody may ask; the details are shown where that is configured.
            return pluginbase.HealthcheckResult(
                available=False, reason=error.public, details=str(error)
            )
        details = f'{found.messages} waiting, {found.parked} parked'
        if found.messages + found.parked == MOST:
            details = f'at least {details}'
        if found.oldest is not None:
            age = (streams.now() - found.oldest).total_seconds()
            details += f', the oldest for {age:.1f} s'
        return pluginbase.HealthcheckResult(
            available=True, reason='OK', details=details
        )
