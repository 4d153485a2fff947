# SPDX-License-Identifier: Apache-2.0
"""Tests of message buses, placements and processes that go away."""
