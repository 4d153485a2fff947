# SPDX-License-Identifier: Apache-2.0
"""Tests of what operators are given to install and run it."""
