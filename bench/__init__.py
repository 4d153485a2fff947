# SPDX-License-Identifier: Apache-2.0
"""Measures this package against a real Nova, and against the floor."""
