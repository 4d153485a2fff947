# SPDX-License-Identifier: Apache-2.0
"""Images, cached by the conductor."""
