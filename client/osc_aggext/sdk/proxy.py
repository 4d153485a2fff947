# SPDX-License-Identifier: Apache-2.0
"""The calls of the API, all of them."""

from osc_aggext.sdk import changes
from osc_aggext.sdk import managers
from osc_aggext.sdk import reading


class Proxy(reading.Reading, changes.Changes, managers.Managers):
    """The API of a cloud.

    Whatever is refused raises an exception of ``errors``, which has all that
    the server told.
    """
