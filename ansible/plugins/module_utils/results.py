# SPDX-License-Identifier: Apache-2.0
"""What a task tells of a change, all of it said by the server."""

import contextlib
from typing import Any

from ansible_collections.aggext.openstack.plugins.module_utils import clouds

# Where it is missing, asking for the service tells of it.
with contextlib.suppress(ImportError):
    from osc_aggext.console import drift
    from osc_aggext.console import effects


def of(module: clouds.Module, service: Any, change: Any) -> dict[str, Any]:
    """Give the results of a change or of the plan of one."""
    for line in effects.remarks(change.warnings):
        module.warn(line)
    results = {'changed': change.changed, 'change': dict(change.document)}
    if module._diff and change.effects:
        notes = drift.notes(service, change.warnings)
        text = '\n'.join(effects.lines(change, notes))
        results['diff'] = {'prepared': f'{text}\n'}
    return results
