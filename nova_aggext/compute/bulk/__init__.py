# SPDX-License-Identifier: Apache-2.0
"""Changes of many aggregates: what is asked, what it comes to, how made."""
