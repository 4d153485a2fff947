# SPDX-License-Identifier: Apache-2.0
"""Tests of what is told to the outside, with real peers."""
