# SPDX-License-Identifier: Apache-2.0
"""Tests of how managers apply what they want."""
