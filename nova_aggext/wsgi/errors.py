# SPDX-License-Identifier: Apache-2.0
"""What the kit refuses by itself: a status code and a text."""

from nova_aggext import exception


class RequestRefused(exception.AggextException):
    """The kit itself refuses a request, before a method sees it."""

    code = 400
    always = True


class InvalidAPIVersionString(RequestRefused):
    msg_fmt = (
        'API version string {version!r} is of an invalid form. It must be '
        '"MAJOR.MINOR" or "latest".'
    )


class InvalidGlobalAPIVersion(RequestRefused):
    code = 406
    msg_fmt = (
        'Version {version} is not supported by this API. The minimum is '
        '{minimum} and the maximum is {maximum}.'
    )


class VersionNotFoundForAPIMethod(RequestRefused):
    code = 404
    msg_fmt = 'This call does not exist in API version {version}.'


class RouteNotFound(RequestRefused):
    code = 404
    msg_fmt = 'There is nothing at {path}.'


class MethodNotAllowed(RequestRefused):
    code = 405
    msg_fmt = '{method} is not allowed here.'

    @property
    def headers(self) -> dict[str, str]:
        """The methods that are."""
        return {'Allow': ', '.join(self.kwargs['allowed'])}


class MalformedRequestBody(RequestRefused):
    msg_fmt = 'The request body is malformed: {reason}'


class InvalidContentType(RequestRefused):
    code = 415
    msg_fmt = 'Content type {content_type!r} is not supported.'


class ValidationError(RequestRefused):
    """A body, query or path does not fit its schema.

    Forms of faults may tell more by ``kwargs``: ``where`` (``body`` or
    ``query``), ``path`` (keys and indices, as texts, to what is wrong) and
    ``rule`` (what it does not satisfy), where these are known.
    """

    msg_fmt = '{detail}'


class NoSuchAction(RequestRefused):
    msg_fmt = 'There is no such action: {action}'


class ProjectMismatch(RequestRefused):
    msg_fmt = (
        'The request addresses project {requested}, but the caller is '
        'authorized for another one.'
    )
