# SPDX-License-Identifier: Apache-2.0
"""What the API shows, one file a noun."""
