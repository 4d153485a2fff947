# SPDX-License-Identifier: Apache-2.0
"""The API: controllers, schemas and views, one file a noun."""
