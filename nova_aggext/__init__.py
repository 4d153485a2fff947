# SPDX-License-Identifier: Apache-2.0
"""Host aggregates for OpenStack Nova: correct, fast, drop-in."""
