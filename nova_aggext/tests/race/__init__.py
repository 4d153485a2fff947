# SPDX-License-Identifier: Apache-2.0
"""Several server processes at once on one database."""
