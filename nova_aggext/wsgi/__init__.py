# SPDX-License-Identifier: Apache-2.0
"""The HTTP kit: JSON, microversions, routes; nothing of aggregates.

Everything a controller needs is offered here under one name, ``wsgi``.
"""

from nova_aggext.wsgi.answers import Answer
from nova_aggext.wsgi.api import Api
from nova_aggext.wsgi.api import Failure
from nova_aggext.wsgi.controller import Controller
from nova_aggext.wsgi.controller import Route
from nova_aggext.wsgi.decorators import action
from nova_aggext.wsgi.decorators import api_version
from nova_aggext.wsgi.decorators import expected_errors
from nova_aggext.wsgi.decorators import response
from nova_aggext.wsgi.request import Request

__all__ = (
    'Answer',
    'Api',
    'Controller',
    'Failure',
    'Request',
    'Route',
    'action',
    'api_version',
    'expected_errors',
    'response',
)
