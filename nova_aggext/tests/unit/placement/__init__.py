# SPDX-License-Identifier: Apache-2.0
"""The mirror in placement, by units."""
