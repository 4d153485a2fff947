# SPDX-License-Identifier: Apache-2.0
"""The tests with the clients that people use."""
