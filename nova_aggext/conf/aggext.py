# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``aggext``: what Nova has no option for."""

from oslo_config import cfg

GROUP = 'aggext'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'hosts',
        default='nova_cells',
        help="""
Inventory of compute hosts: the name of an entry point in the group
``nova_aggext.hosts``.

* ``nova_cells``: the cell databases of a Nova, read only.
* ``registered``: a table of our own, filled by ``nova-aggext-manage host``.
  For a lab without Nova.
""",
    ),
    cfg.IntOpt(
        'cell_timeout',
        default=10,
        min=1,
        help="""
Seconds that the cell databases may take to tell of hosts and instances. A
change that needs an answer which does not come is refused with 503.
""",
    ),
    cfg.IntOpt(
        'change_retention_days',
        default=365,
        min=0,
        help="""
Days for which the record of changes is kept. Older ones are forgotten little
by little by the processes that deliver, and by
``nova-aggext-manage changes purge`` at once. 0: none are.
""",
    ),
    cfg.IntOpt(
        'page',
        default=1000,
        min=1,
        help="""
Aggregates, hosts or changes that one answer of ``/os-aggext`` holds at most.
What a request asks for is cut to this.
""",
    ),
    cfg.IntOpt(
        'aggregates_per_change',
        default=500,
        min=1,
        help="""
Aggregates that one change through ``/os-aggext`` may name.
""",
    ),
    cfg.IntOpt(
        'memberships_per_change',
        default=5000,
        min=1,
        help="""
Hosts that one change through ``/os-aggext`` may add, remove and set, counted
once for each aggregate and after patterns are expanded.
""",
    ),
    cfg.IntOpt(
        'hosts_per_pattern',
        default=10000,
        min=1,
        help="""
Hosts that one pattern such as ``cmp-a[001-040]`` may stand for.
""",
    ),
    cfg.IntOpt(
        'managers',
        default=1000,
        min=1,
        help="""
Managers that there may be at once, each with a document of what it wants.
""",
    ),
    cfg.StrOpt(
        'help_url',
        default='https://docs.openstack.org/nova-aggext/latest/user/'
        'errors.html',
        help="""
Page that explains the errors of ``/os-aggext``; their links of relation
``help`` lead there. Each code has an anchor on it.
""",
    ),
    cfg.BoolOpt(
        'list_from_replica',
        default=False,
        help="""
Read the list of all aggregates from ``[api_database] slave_connection``, where
that is set. A list may then lack what the same caller has just made.
""",
    ),
    cfg.BoolOpt(
        'validate_responses',
        default=False,
        help="""
Check every answer against its schema, and answer 500 where it does not fit.
For development; costs time.
""",
    ),
]
