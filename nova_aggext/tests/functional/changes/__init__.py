# SPDX-License-Identifier: Apache-2.0
"""Changes of many aggregates, through HTTP."""
