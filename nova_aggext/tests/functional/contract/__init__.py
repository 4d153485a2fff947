# SPDX-License-Identifier: Apache-2.0
"""HTTP cases recorded from a running Nova, and what compares them."""
