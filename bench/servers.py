# SPDX-License-Identifier: Apache-2.0
"""Servers to be measured: the same gunicorn around each application."""

from collections.abc import Mapping
import pathlib
import sys

from bench import client
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import processes

OURS_APP = 'nova_aggext.server:application'
NOVA_APP = 'nova.wsgi.osapi_compute:application'
FLOOR_APP = 'bench.floor_app:application'

_TRUSTED = venvs.ROOT / 'nova_aggext/tests/peer/wsgi'
_GUNICORN = """\
wsgi_app = '{app}'
bind = '127.0.0.1:{port}'
worker_class = 'gthread'
workers = {workers}
threads = {threads}
keepalive = 120
timeout = 300
graceful_timeout = 1
control_socket_disable = True
"""
# What a standalone server needs beside a nova.conf.
_ALONE = f"""\
[DEFAULT]
log_file = {{log}}
[api]
auth_strategy = noauth
[aggext]
hosts = nova_cells
[wsgi]
api_paste_config = {venvs.ROOT}/etc/nova-aggext/api-paste.ini
[placement]
mirror_deadline = {{deadline}}
mirror_memory = {{memory}}
[aggext_outbox]
relay = {{relay}}
poll_interval = {{poll}}
"""
# Seconds after which a relay apart looks for what others stored.
_POLL = 0.25


def gunicorn(
    folder: pathlib.Path,
    app: str,
    variables: Mapping[str, str],
    *,
    program: pathlib.Path | None = None,
    workers: int = 1,
    threads: int = 4,
) -> processes.Process:
    """Return a server, not started yet.

    :param program: the gunicorn; by default that of this Python
    """
    port = server.free_port()
    own = folder / f'gunicorn-{port}'
    own.mkdir()
    (own / 'gunicorn.conf.py').write_text(
        _GUNICORN.format(app=app, port=port, workers=workers, threads=threads)
    )
    program = program or pathlib.Path(sys.executable).with_name('gunicorn')
    return processes.Process([str(program)], own, port, variables)


def nova(cloud: clouds.Nova, **options: int) -> processes.Process:
    """Return the API of a Nova, without our filter."""
    cloud.use_filter(False)
    # What the tests look with is no part of a Nova.
    paste = cloud.paste_file.read_text().replace(' witness', '')
    cloud.paste_file.write_text(paste)
    variables = {
        'OS_NOVA_CONFIG_DIR': str(cloud.folder),
        'OS_NOVA_DISABLE_EVENTLET_PATCHING': 'true',
        'PYTHONPATH': str(_TRUSTED),
    }
    program = cloud.environment.bin / 'gunicorn'
    return gunicorn(
        cloud.folder, NOVA_APP, variables, program=program, **options
    )


def ours(
    cloud: clouds.Nova,
    *,
    deadline: float = 1,
    memory: float = 0,
    relay: bool = True,
    **options: int,
) -> processes.Process:
    """Return our standalone server on the databases of a Nova.

    It runs in the virtual environment of that Nova, with its drivers.

    :param deadline: ``[placement] mirror_deadline``
    :param memory: ``[placement] mirror_memory``
    :param relay: ``[aggext_outbox] relay``
    """
    conf_file = _configure(
        cloud, deadline=deadline, memory=memory, relay=relay, poll=5
    )
    program = cloud.environment.bin / 'gunicorn'
    return gunicorn(
        cloud.folder,
        OURS_APP,
        _files(cloud.conf_file, conf_file),
        program=program,
        **options,
    )


def relay(cloud: clouds.Nova) -> processes.Process:
    """Return a relay in a process of its own, with its metrics."""
    conf_file = _configure(cloud, deadline=0, memory=0, relay=True, poll=_POLL)
    port = server.free_port()
    command = [str(cloud.environment.bin / 'nova-aggext-relay')]
    for path in (cloud.conf_file, conf_file):
        command += ['--config-file', str(path)]
    command += ['--metrics-port', str(port)]
    return processes.Process(command, cloud.folder, port, {})


def _configure(cloud: clouds.Nova, **options: float) -> pathlib.Path:
    name = '-'.join(str(value) for value in options.values())
    conf_file = cloud.folder / f'aggext-{name}.conf'
    log = cloud.folder / 'aggext.log'
    conf_file.write_text(_ALONE.format(log=log, **options))
    return conf_file


def alone(
    folder: pathlib.Path, conf_file: pathlib.Path, **options: int
) -> processes.Process:
    """Return our standalone server, with this Python and without a Nova."""
    variables = _files(conf_file)
    return gunicorn(folder, OURS_APP, variables, program=None, **options)


def floor(folder: pathlib.Path, url: str, **options: int) -> processes.Process:
    """Return the bare function on a database."""
    variables = {'BENCH_URL': url, 'PYTHONPATH': str(venvs.ROOT)}
    return gunicorn(folder, FLOOR_APP, variables, program=None, **options)


def workers(process: processes.Process) -> list[int]:
    """Give the ids of the worker processes of a gunicorn."""
    pid = process.process.pid
    listed = pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text()
    return [int(word) for word in listed.split()]


def memory(process: processes.Process, field: str) -> float:
    """Give the memory of the largest worker, in MiB.

    :param field: ``VmRSS``, what it has now, or ``VmHWM``, the most it had
    """
    return max(_status(pid, field) for pid in workers(process)) / 1024


def connect(process: processes.Process) -> client.Client:
    """Return a client of a server."""
    return client.Client(process.port)


def _files(*files: pathlib.Path) -> dict[str, str]:
    named = ';'.join(str(path) for path in files)
    return {'OS_NOVA_AGGEXT_CONFIG_FILES': named}


def _status(pid: int, field: str) -> int:
    lines = pathlib.Path(f'/proc/{pid}/status').read_text().splitlines()
    for line in lines:
        name, _, value = line.partition(':')
        if name == field:
            return int(value.split()[0])
    raise LookupError(field)
