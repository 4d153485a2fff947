# SPDX-License-Identifier: Apache-2.0
"""The file that says what a manager wants."""
