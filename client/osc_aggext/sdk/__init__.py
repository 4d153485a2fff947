# SPDX-License-Identifier: Apache-2.0
"""The Python API: a service of openstacksdk."""
