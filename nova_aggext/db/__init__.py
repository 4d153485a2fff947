# SPDX-License-Identifier: Apache-2.0
"""The database: tables, statements, migrations."""
