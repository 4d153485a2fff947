# SPDX-License-Identifier: Apache-2.0
"""Casts that keep the schedulers' view of aggregates."""
