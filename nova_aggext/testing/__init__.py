# SPDX-License-Identifier: Apache-2.0
"""Tests that those inherit who write a driver for this package."""
