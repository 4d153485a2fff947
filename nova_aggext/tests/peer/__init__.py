# SPDX-License-Identifier: Apache-2.0
"""Tests beside and inside a real Nova."""
