# SPDX-License-Identifier: Apache-2.0
"""The own API ``/os-aggext``, beside Nova's ``/os-aggregates``."""
