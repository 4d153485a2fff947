# SPDX-License-Identifier: Apache-2.0
"""A record of who took which stream, kept by MariaDB itself."""

import fixtures
import sqlalchemy as sa

_TABLE = """
CREATE TABLE watched (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(300), was VARCHAR(36), became VARCHAR(36),
    due_at DATETIME(6), moment DATETIME(6))
"""
_TRIGGER = """
CREATE TRIGGER watched AFTER UPDATE ON aggext_outbox_streams FOR EACH ROW
INSERT INTO watched (name, was, became, due_at, moment)
VALUES (NEW.name, OLD.owner, NEW.owner, OLD.due_at, utc_timestamp(6))
"""
# A claim takes what another one had before its time was over.
_BROKEN = """
SELECT name, was, became, due_at, moment FROM watched
WHERE was != became AND due_at > moment
"""
_TAKEN = """
SELECT count(*) FROM watched
WHERE became IS NOT NULL AND (was IS NULL OR was != became)
"""


class Watch(fixtures.Fixture):
    """Watches the streams of one database."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def _setUp(self) -> None:
        self._engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        self.addCleanup(self._engine.dispose)
        self._run(_TABLE)
        self.addCleanup(self._run, 'DROP TABLE watched')
        self._run(_TRIGGER)
        self.addCleanup(self._run, 'DROP TRIGGER watched')

    def read(self) -> tuple[int, list[tuple[object, ...]]]:
        """Give how often a stream was taken, and what broke a lease."""
        ((taken,),) = self._run(_TAKEN)
        return int(str(taken)), self._run(_BROKEN)

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        with self._engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            rows = result.all() if result.returns_rows else []
            return [tuple(row) for row in rows]
