# SPDX-License-Identifier: Apache-2.0
"""A Nova under test, with and without our filter."""

from collections.abc import Mapping
import pathlib

import fixtures

from nova_aggext.tests.functional import server
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import environment
from nova_aggext.tests.peer import processes
from nova_aggext.tests.peer import settings

WSGI = pathlib.Path(__file__).resolve().with_name('wsgi')


class Nova(fixtures.Fixture):
    """A Nova of its own, stopped until ``serve`` is called.

    :ivar databases: its databases, as Nova made them
    :ivar folder: its configuration directory
    :ivar conf_file: its nova.conf
    :param variables: environment variables of its API and of the programs
        that are run beside it
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.variables = variables or {}

    def setUp(self) -> None:
        """Prepare; SkipTest comes out as it is, not as a broken fixture."""
        self.environment = environment.prepared()
        super().setUp()

    def _setUp(self) -> None:
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        made = databases.Databases(self.environment.dumps)
        self.databases = self.useFixture(made)
        self._placement_port = server.free_port()
        self.placement_url = f'http://127.0.0.1:{self._placement_port}'
        files = settings.write(self.folder, made, self.placement_url)
        self.conf_file = files.nova

    def configure(self, text: str) -> None:
        """Add to nova.conf; what comes last counts."""
        with self.conf_file.open('a') as conf_file:
            conf_file.write(text)

    def use_filter(self, wanted: bool) -> None:
        """Write the paste file with or without our filter."""
        text = settings.paste(self.shipped_paste, filtered=wanted)
        self.paste_file.write_text(text)

    @property
    def shipped_paste(self) -> str:
        """Return the paste file that Nova ships."""
        return self.environment.etc.joinpath('api-paste.ini').read_text()

    @property
    def paste_file(self) -> pathlib.Path:
        """Return the path of the paste file."""
        return self.folder / 'api-paste.ini'

    def serve(self, *, filtered: bool) -> processes.Process:
        """Start the API; it runs until the end or until it is stopped."""
        self.use_filter(filtered)
        return self.useFixture(self.api())

    def api(self) -> processes.Process:
        """Return the process of the API, not started yet."""
        return processes.gunicorn(
            self.environment.bin / 'gunicorn',
            self.folder,
            'nova.wsgi.osapi_compute:application',
            {
                'OS_NOVA_CONFIG_DIR': str(self.folder),
                'OS_NOVA_DISABLE_EVENTLET_PATCHING': 'true',
                'PYTHONPATH': str(WSGI),
                **self.variables,
            },
        )

    def serve_alone(self) -> processes.Process:
        """Start the standalone server on these databases, without Nova."""
        lab = self.folder / 'lab.conf'
        lab.write_text('[api]\nauth_strategy = noauth\n')
        # The nova.conf names Nova's own paste file.
        self.use_filter(False)
        port = server.free_port()
        command = [str(self.environment.bin / 'nova-aggext-api')]
        for path in (self.conf_file, lab):
            command += ['--config-file', str(path)]
        command += ['--port', str(port)]
        process = processes.Process(command, self.folder, port, {})
        return self.useFixture(process)

    def serve_placement(self) -> processes.Process:
        """Start the placement of this Nova."""
        placement = processes.gunicorn(
            self.environment.bin / 'gunicorn',
            self.folder,
            'placement.wsgi.api:application',
            {'OS_PLACEMENT_CONFIG_DIR': str(self.folder)},
            self._placement_port,
        )
        return self.useFixture(placement)

    def manage(self, *arguments: str) -> None:
        """Run ``nova-manage`` with the configuration of this Nova."""
        self.environment.succeed('nova-manage', self.conf_file, *arguments)

    def sync(self) -> None:
        """Make our tables."""
        program = 'nova-aggext-manage'
        self.environment.succeed(program, self.conf_file, 'db', 'sync')

    def status(self, *arguments: str) -> tuple[int, str]:
        """Run ``nova-aggext-status``; return its status and output."""
        program = 'nova-aggext-status'
        return self.environment.run(program, self.conf_file, *arguments)
