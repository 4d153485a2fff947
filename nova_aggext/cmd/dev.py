# SPDX-License-Identifier: Apache-2.0
"""The lab that ``--dev`` makes: a folder with all a server needs."""

import pathlib
import shlex
import shutil

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.hosts import registered

FOLDER = pathlib.Path('nova-aggext-dev')
HOSTS = ('host1', 'host2', 'host3', 'host4')

_CONF = """\
# Made by --dev: no authentication, hosts of our own. Never on a network.
[api]
auth_strategy = noauth
[aggext]
hosts = registered
[api_database]
connection = sqlite:///{database}
"""


def prepare() -> aggext_conf.Sources:
    """Make the lab where it is missing and give its configuration.

    What is there already, such as a changed configuration, is kept. Its
    folder stands in the place of the directories of a Nova, which have no
    say in a lab.

    :raises ConfigurationError: where it cannot be made
    """
    try:
        conf_file = _make()
    except OSError as error:
        raise exception.ConfigurationError(
            reason=f'Cannot make the lab in ./{FOLDER}: {error.strerror}'
        ) from error
    sources = aggext_conf.Sources([str(conf_file)], [str(conf_file.parent)])
    _fill(sources)
    return sources


def path_of(command: str, beside: str) -> str:
    """Give what to type for a command of this package.

    :param beside: the path of another one of them, as it was called
    """
    path = pathlib.Path(beside).absolute().with_name(command)
    found = shutil.which(command)
    if not path.exists() or (found and path.samefile(found)):
        return command
    return shlex.quote(str(path))


def _make() -> pathlib.Path:
    FOLDER.mkdir(exist_ok=True)
    conf_file = FOLDER.absolute() / 'nova-aggext.conf'
    if not conf_file.exists():
        path = FOLDER.absolute() / 'nova-aggext.sqlite'
        conf_file.write_text(_CONF.format(database=path))
    return conf_file


def _fill(sources: aggext_conf.Sources) -> None:
    conf = aggext_conf.load(*sources)
    database = db_database.Database(conf)
    fresh = schema.version(database) is None
    migration.sync(database)
    if fresh:
        registered.RegisteredHosts(conf, database).add_host(*HOSTS)
    database.close()
