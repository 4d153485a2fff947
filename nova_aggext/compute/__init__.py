# SPDX-License-Identifier: Apache-2.0
"""Use cases and rules of host aggregates."""
