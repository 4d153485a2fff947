# SPDX-License-Identifier: Apache-2.0
"""Objects in Nova's wire form, by units."""
