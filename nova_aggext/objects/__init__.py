# SPDX-License-Identifier: Apache-2.0
"""Versioned objects in Nova's wire form; none is registered."""
