# SPDX-License-Identifier: Apache-2.0
"""Schemas of bodies, query strings and answers, one file a noun."""
