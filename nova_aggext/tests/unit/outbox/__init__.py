# SPDX-License-Identifier: Apache-2.0
"""What is stored until it is told, by units."""
