# SPDX-License-Identifier: Apache-2.0
"""What people read: changes in words, and how far something is."""
