# SPDX-License-Identifier: Apache-2.0
"""Memberships mirrored in placement."""
