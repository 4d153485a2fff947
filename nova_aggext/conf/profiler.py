# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``profiler``, which are those of osprofiler."""

from oslo_config import cfg

GROUP = 'profiler'

OPTS: list[cfg.Opt] = [
    cfg.BoolOpt(
        'enabled',
        default=False,
        help="""
Trace requests that ask for it, with osprofiler: the request, what it stores to
be told, and when that is told. Needs the extra ``osprofiler``.
""",
    ),
    cfg.BoolOpt(
        'trace_sqlalchemy',
        default=False,
        help="""
Trace the statements of these requests as well, without their parameters.
""",
    ),
    cfg.StrOpt(
        'hmac_keys',
        default='SECRET_KEY',
        secret=True,
        help="""
Keys, separated by commas; a request is traced that is signed with one of them.
""",
    ),
    cfg.StrOpt(
        'connection_string',
        default='messaging://',
        secret=True,
        help="""
Where traces go, as osprofiler takes it, such as ``redis://127.0.0.1:6379``.
Inside nova-api it is Nova that opens it. Other options of osprofiler in this
group are handed on to it.
""",
    ),
]
