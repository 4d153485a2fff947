# SPDX-License-Identifier: Apache-2.0
"""Works with a configuration and prints what that took.

Run as a process of its own: ``python -m nova_aggext.tests.delivery.quiet
FILE``. The hosts of the inventory must be registered.
"""

import json
import sys
import threading

from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.db import outbox
from nova_aggext.tests.unit import stubs

# What is only needed to tell the outside.
LIBRARIES = ('kombu', 'oslo_cache', 'oslo_messaging')


def main(conf_file: str) -> None:
    """Make a few changes, one of which is refused."""
    used = services.Services(aggext_conf.load([conf_file]))
    used.delivery.start()
    who, api = stubs.caller(), used.aggregate_api
    made = api.create_aggregate(who, 'agg-a', 'az1')
    api.add_host_to_aggregate(who, made.id, 'cmp00000')
    try:
        api.delete_aggregate(who, made.id)
    except Exception as error:
        refused = type(error).__name__
    found = {
        'refused': refused,
        'rows': used.database.read(outbox.waiting).messages,
        'threads': [
            one.name
            for one in threading.enumerate()
            if one.name.startswith(('aggext-relay', 'aggext-sweep'))
        ],
        'libraries': [name for name in LIBRARIES if name in sys.modules],
    }
    print(json.dumps(found))


if __name__ == '__main__':
    main(sys.argv[1])
