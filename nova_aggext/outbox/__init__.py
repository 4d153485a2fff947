# SPDX-License-Identifier: Apache-2.0
"""What the outside must be told, kept until it was told."""
