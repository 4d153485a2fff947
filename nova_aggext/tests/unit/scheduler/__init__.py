# SPDX-License-Identifier: Apache-2.0
"""Casts to schedulers, by units."""
