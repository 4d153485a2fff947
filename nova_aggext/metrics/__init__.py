# SPDX-License-Identifier: Apache-2.0
"""What can be seen from outside: Prometheus metrics."""
