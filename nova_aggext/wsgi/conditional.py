# SPDX-License-Identifier: Apache-2.0
"""Conditional reads: an entity tag on what is shown, 304 when it is known.

Where a method gives no tag of its own, it is a digest of the very answer. No
cheaper one would be right: other processes write the same tables and leave no
mark that could be read instead, and a time is too coarse.
"""

import hashlib

import webob

NOT_MODIFIED = 304
# Digits of the digest that a tag has.
_LENGTH = 32


def apply(
    request: webob.Request, answer: webob.Response, tag: str
) -> webob.Response:
    """Tag a successful answer; give 304 instead to who has it already."""
    if 'HTTP_IF_NONE_MATCH' in request.environ:
        answer = _compared(request, answer, tag)
    answer.headerlist.append(('ETag', f'"{tag}"'))
    return answer


def _compared(
    request: webob.Request, answer: webob.Response, tag: str
) -> webob.Response:
    if tag not in request.if_none_match:
        return answer
    answer = webob.Response(status=NOT_MODIFIED)
    answer.headers.pop('Content-Type', None)
    answer.headers.pop('Content-Length', None)
    return answer


def digest(answer: webob.Response) -> str:
    """Make a strong tag: other versions and types are other answers."""
    made = hashlib.sha256(answer.body)
    made.update(answer.headers['Content-Type'].encode())
    return made.hexdigest()[:_LENGTH]
