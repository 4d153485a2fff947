# SPDX-License-Identifier: Apache-2.0
"""The version of what is installed."""

from importlib import metadata

DISTRIBUTION = 'nova-aggext'


def release() -> str:
    """Give the version of this distribution."""
    return metadata.version(DISTRIBUTION)
