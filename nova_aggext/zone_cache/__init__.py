# SPDX-License-Identifier: Apache-2.0
"""Names of zones that Nova caches by host."""
