# SPDX-License-Identifier: Apache-2.0
"""Tests of the tables and transactions on real databases."""
