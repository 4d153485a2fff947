# SPDX-License-Identifier: Apache-2.0
"""Alembic migrations of the tables ``aggext_*``."""
