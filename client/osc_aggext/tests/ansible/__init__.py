# SPDX-License-Identifier: Apache-2.0
"""The collection for Ansible, which uses the Python API."""
