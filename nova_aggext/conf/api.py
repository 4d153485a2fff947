# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``api``."""

from oslo_config import cfg

GROUP = 'api'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'auth_strategy',
        default='keystone',
        choices=[
            ('keystone', 'Tokens, validated by keystonemiddleware.'),
            ('noauth', 'The caller is who the headers say. For a lab only.'),
            ('noauth2', "Nova's name of the same."),
        ],
        help="""
Which pipeline of api-paste.ini the standalone server uses.
""",
    ),
    cfg.StrOpt(
        'compute_link_prefix',
        help="""
URL that replaces scheme, host and path prefix in the links of the version
documents, for example the address of a proxy in front of the server.
""",
    ),
    cfg.StrOpt(
        'project_id_regex',
        help="""
Regular expression of the project ids accepted in a path. Ids of lower-case
hexadecimal digits and dashes by default.
""",
    ),
]
