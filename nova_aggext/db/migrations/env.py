# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment: runs on the connection that the caller opened."""

from alembic import context

from nova_aggext.db import schema

context.configure(
    connection=context.config.attributes['connection'],
    version_table=schema.VERSIONS.name,
)
with context.begin_transaction():
    context.run_migrations()
