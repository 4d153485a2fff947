# SPDX-License-Identifier: Apache-2.0
"""What tells one API from another, as a frozen record."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeAlias

import orjson

from nova_aggext import exception
from nova_aggext.wsgi import microversion

JSON = 'application/json'


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """What an API has to say of a request that failed.

    :ivar status: the status code of the answer
    :ivar message: what the caller is told, cut where it is long
    :ivar error: the error with all that it knows; None where the cause is
        kept from the caller
    :ivar request_id: the id of the request, where it has one
    """

    status: int
    message: str
    error: exception.AggextException | None = None
    request_id: str | None = None


# Gives the document that tells of a failure.
FaultForm: TypeAlias = Callable[[Failure], Any]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Api:
    """One API: all in which the kit treats it differently from another.

    :ivar service_type: what it is called in ``OpenStack-API-Version``
    :ivar supported: the versions that it offers
    :ivar fault: how it tells of failures
    :ivar has_microversions: whether a version is negotiated; without, the
        headers are ignored, and every request is of the least version
    :ivar legacy_header: an older header that holds a version alone
    :ivar root: the path below which everything is of this API: what no route
        serves is answered by it. None: that is another's business
    :ivar media_types: what an answer may be; several are chosen from by
        ``Accept``, the first is the default
    :ivar content_types: what a body may be; '' is none told
    :ivar loads: parses a body; raises ``json.JSONDecodeError``
    :ivar is_lenient: drop members of a body that a schema does not know
    :ivar refuses_queries: refuse parameters where a method declares none
    :ivar tags_answers: give what ``GET`` shows a digest as its entity tag,
        where the method gives none
    """

    service_type: str
    supported: microversion.Range
    fault: FaultForm
    has_microversions: bool = True
    legacy_header: str | None = None
    root: str | None = None
    media_types: tuple[str, ...] = (JSON,)
    content_types: frozenset[str] = frozenset((JSON, ''))
    loads: Callable[[bytes], Any] = orjson.loads
    is_lenient: bool = False
    refuses_queries: bool = False
    tags_answers: bool = False
