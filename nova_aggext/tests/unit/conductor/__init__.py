# SPDX-License-Identifier: Apache-2.0
"""Casts to the conductor, by units."""
