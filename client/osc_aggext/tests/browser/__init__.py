# SPDX-License-Identifier: Apache-2.0
"""Pages and sources, in a browser."""
