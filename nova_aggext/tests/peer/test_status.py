# SPDX-License-Identifier: Apache-2.0
"""``nova-aggext-status`` on the configuration of a real Nova."""

from typing import ClassVar
import uuid

from nova_aggext.tests.functional import server
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import links

_MAPPING = """
INSERT INTO cell_mappings (created_at, uuid, name, transport_url,
    database_connection, disabled)
VALUES (now(), :uuid, 'deadcell', 'fake://', :url, 0)
"""


class StatusTest(base.PeerTest):
    """Nova's own files are understood, and what is wrong is found."""

    nova: ClassVar[clouds.Nova]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())

    def setUp(self) -> None:
        super().setUp()
        self.nova.databases.restore(databases.API)
        self.nova.use_filter(True)

    def test_nova_that_is_ready(self) -> None:
        self.nova.sync()
        self.nova.serve_placement()
        status, said = self.nova.status('upgrade', 'check')
        self.assertEqual(0, status, said)
        status, said = self.nova.status('paste', 'check')
        self.assertEqual(0, status, said)
        self.assertEqual(2, said.count('| loaded'), said)

    def test_missing_tables(self) -> None:
        status, said = self.nova.status('upgrade', 'check')
        self.assertNotEqual(0, status, said)
        # The table of the output breaks lines.
        self.assertIn('nova-aggext-manage', said)

    def test_dead_cell(self) -> None:
        self.nova.sync()
        url = self.nova.databases.url(databases.CELL1)
        self.nova.databases.execute(
            databases.API,
            _MAPPING,
            uuid=str(uuid.uuid4()),
            url=links.through(url, server.free_port()),
        )
        status, said = self.nova.status('upgrade', 'check')
        self.assertNotEqual(0, status, said)
        self.assertIn('deadcell', said)

    def test_unreadable_policy(self) -> None:
        self.nova.sync()
        policy = self.nova.folder / 'policy.yaml'
        policy.write_text('"a": [')
        self.addCleanup(policy.unlink)
        status, said = self.nova.status('upgrade', 'check')
        self.assertNotEqual(0, status, said)
        self.assertIn('oslo_policy', said)

    def test_paste_file_without_the_filter(self) -> None:
        self.nova.use_filter(False)
        status, said = self.nova.status('paste', 'check')
        self.assertEqual(1, status, said)
        self.assertEqual(2, said.count('not loaded'), said)

    def test_paste_file_as_nova_ships_it(self) -> None:
        shipped = self.nova.environment.etc / 'api-paste.ini'
        status, said = self.nova.status('paste', 'check', str(shipped))
        self.assertEqual(1, status, said)
        self.assertEqual(2, said.count('not loaded'), said)

    def test_filter_before_the_identity(self) -> None:
        text = self.nova.paste_file.read_text()
        right, wrong = 'keystonecontext aggext', 'aggext keystonecontext'
        self.assertIn(right, text)
        self.nova.paste_file.write_text(text.replace(right, wrong, 1))
        status, said = self.nova.status('paste', 'check')
        self.assertEqual(1, status, said)
        self.assertEqual(1, said.count('before the filter'), said)
