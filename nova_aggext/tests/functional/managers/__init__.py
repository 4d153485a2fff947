# SPDX-License-Identifier: Apache-2.0
"""Managers that apply what they want, through HTTP."""
