# SPDX-License-Identifier: Apache-2.0
"""What the design of the own API shows, against what is served."""
