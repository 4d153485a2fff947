# SPDX-License-Identifier: Apache-2.0
"""The release of Nova under test.

``AGGEXT_PEER_NOVA`` names another one than the default.
"""

import os
import pathlib
import re

from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import nova

DEFAULT = '34.0.0'
# The newest microversion of each release.
_NEWEST = {DEFAULT: '2.104', '33.0.0': '2.103', '31.0.0': '2.100'}

# What a text has that is about something the release does not do yet: its
# documents of versions do not call the legacy API deprecated.
_LATER = {'31.0.0': '"DEPRECATED"'}
_VERSION = re.compile(r'\b2\.[1-9][0-9]*\b')
_HERE = pathlib.Path(__file__).resolve().parent


def chosen() -> str:
    """Return the release."""
    return os.environ.get('AGGEXT_PEER_NOVA') or DEFAULT


def newest() -> microversion.Version:
    """Return the newest microversion that the release serves."""
    return microversion.Version.parse(_NEWEST[chosen()])


def is_too_new(text: str) -> bool:
    """Tell whether a case is about what the release does not have."""
    if chosen() in _LATER and _LATER[chosen()] in text:
        return True
    found = (microversion.Version.parse(one) for one in _VERSION.findall(text))
    return any(
        newest() < one <= nova.CURRENT.supported.maximum for one in found
    )


def requirements() -> pathlib.Path | None:
    """Return what an older release has in place of the default."""
    if chosen() == DEFAULT:
        return None
    return _HERE / f'nova-{chosen()}-requirements.txt'
