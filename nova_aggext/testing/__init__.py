# SPDX-License-Identifier: Apache-2.0
"""Fixtures and fakes for those who test against this package."""
