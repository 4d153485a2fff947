# SPDX-License-Identifier: Apache-2.0
"""Names of zones in a shared cache, by units."""
