# SPDX-License-Identifier: Apache-2.0
"""The openstack command and Python API of ``/os-aggext``."""
