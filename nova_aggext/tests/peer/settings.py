# SPDX-License-Identifier: Apache-2.0
"""The configuration of a Nova and a placement under test."""

import dataclasses
import pathlib
import re

from nova_aggext.tests.peer import databases

_NOVA = """\
[DEFAULT]
transport_url = fake://
state_path = {folder}
log_file = {folder}/nova.log
my_ip = 127.0.0.1
host = api1
[wsgi]
api_paste_config = {folder}/api-paste.ini
[api_database]
connection = {api}
max_retries = 1
[database]
connection = {cell1}
max_retries = 1
[oslo_messaging_notifications]
driver = noop
[oslo_concurrency]
lock_path = {folder}
[placement]
auth_type = admin_token
token = admin
endpoint = {placement_url}
endpoint_override = {placement_url}
"""
_PLACEMENT = """\
[DEFAULT]
log_file = {folder}/placement.log
[api]
auth_strategy = noauth2
[placement_database]
connection = {placement}
"""

# A filter that believes what the headers say, in place of auth_token, and
# one that tells what reaches Nova.
_TRUSTED = """

[filter:trusted]
paste.filter_factory = trusted:factory

[filter:witness]
paste.filter_factory = witness:factory
"""
_AGGEXT = """

[filter:aggext]
use = egg:nova-aggext#aggregates
"""


@dataclasses.dataclass(frozen=True)
class Files:
    """The files of one folder."""

    nova: pathlib.Path
    placement: pathlib.Path


def write(
    folder: pathlib.Path,
    made: databases.Databases,
    placement_url: str = 'http://127.0.0.1:9',
) -> Files:
    """Write nova.conf and placement.conf.

    :param placement_url: where Nova finds placement; by default nothing is
    """
    files = Files(folder / 'nova.conf', folder / 'placement.conf')
    for path, text in ((files.nova, _NOVA), (files.placement, _PLACEMENT)):
        path.write_text(
            text.format(
                folder=folder,
                api=made.url(databases.API),
                cell1=made.url(databases.CELL1),
                placement=made.url(databases.PLACEMENT),
                placement_url=placement_url,
            )
        )
    return files


def paste(shipped: str, *, filtered: bool) -> str:
    """Return Nova's own paste file with trusted headers.

    :param filtered: put our filter where the documentation says
    """
    ours = ' aggext' if filtered else ''
    text = _piped(shipped, f'trusted keystonecontext{ours} witness')
    return text + _TRUSTED + (_AGGEXT if filtered else '')


def documented_paste(shipped: str) -> str:
    """Return Nova's own paste file with our filter and nothing else."""
    return _piped(shipped, 'authtoken keystonecontext aggext') + _AGGEXT


def _piped(shipped: str, filters: str) -> str:
    """Replace the filters that know the caller, in both pipelines."""
    ends = r'\bauthtoken keystonecontext\b'
    text, count = re.subn(ends, filters, shipped)
    if count != 2:
        raise ValueError(f'{count} pipelines instead of 2')
    return text
