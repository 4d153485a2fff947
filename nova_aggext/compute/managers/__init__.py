# SPDX-License-Identifier: Apache-2.0
"""Managers: what they want, what they claim, and what that takes."""
