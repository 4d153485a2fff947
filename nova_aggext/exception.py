# SPDX-License-Identifier: Apache-2.0
"""Domain errors: an HTTP status code and a text, no HTTP objects.

Class names are Nova's where Nova has one, since its error notifications
carry them (SIDE_EFFECTS, "Failure notifications").
"""

from typing import Any, ClassVar


class AggextException(Exception):
    """Base of every error that has an answer for the caller.

    ``code`` is the HTTP status the error is answered with, unless the
    controller method maps it to another one. ``always``: any request may be
    answered with it, whether or not the method expects it.
    """

    code: int = 500
    always: ClassVar[bool] = False
    msg_fmt: ClassVar[str] = 'An unknown error occurred.'

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs
        super().__init__(self.msg_fmt.format(**kwargs))

    @property
    def public(self) -> str:
        """What callers of the API are told; operators get the whole text."""
        return str(self)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that the answer has."""
        return {}


class Invalid(AggextException):
    code = 400


class NotFound(AggextException):
    code = 404


class Conflict(AggextException):
    code = 409


class ServiceUnavailable(AggextException):
    """A part we depend on is away; the request may be repeated."""

    code = 503
    always = True
    retry_after: ClassVar[int | None] = 10

    @property
    def headers(self) -> dict[str, str]:
        """When to repeat the request, where that is of use."""
        if self.retry_after is None:
            return {}
        return {'Retry-After': str(self.retry_after)}


class ThreadUnavailable(ServiceUnavailable):
    msg_fmt = (
        'No thread can be started; see the limits of threads and memory of '
        'this process (pids.max of its control group, ulimit -u and -v).'
    )


# Identity


class Forbidden(AggextException):
    code = 403
    always = True


class PolicyNotAuthorized(Forbidden):
    msg_fmt = 'The policy does not allow {action} to be performed.'


class Unauthorized(AggextException):
    code = 401
    always = True
    msg_fmt = 'The request carries no identity.'


# Aggregates


class AggregateNotFound(NotFound):
    msg_fmt = 'Aggregate {aggregate_id} could not be found.'


class AggregateProtected(Forbidden):
    msg_fmt = (
        'Aggregate {aggregate_id} is protected: it may not be deleted, and '
        'its name, zone, metadata and owner may not be changed, until a '
        'change of its own through /os-aggext has set its member protected '
        'to false.'
    )


class AggregateHostNotFound(NotFound):
    msg_fmt = 'Aggregate {aggregate_id} has no host {host}.'


class AggregateNameExists(Conflict):
    msg_fmt = 'Aggregate {aggregate_name} already exists.'


class AggregateHostExists(Conflict):
    msg_fmt = 'Aggregate {aggregate_id} already has host {host}.'


class AggregateMetadataKeyExists(Invalid):
    msg_fmt = (
        'Aggregate {aggregate_id} cannot hold metadata key {key!r} beside '
        '{present!r}: the keys differ only in case or trailing blanks.'
    )


class MetadataNotStorable(Invalid):
    msg_fmt = (
        'The value of metadata key {key!r} has a character that the database '
        'cannot store.'
    )


class InvalidAggregateId(Invalid):
    msg_fmt = 'The aggregate id {aggregate_id!r} is not an integer.'


class InvalidAggregateAction(Invalid):
    """A rule on zones, hosts and instances forbids the change."""

    verb: ClassVar[str] = 'change'
    msg_fmt = 'Cannot {action} aggregate {aggregate_id}: {reason}.'


class InvalidAggregateActionAdd(InvalidAggregateAction):
    code = 409
    verb = 'add the host to'


class InvalidAggregateActionDelete(InvalidAggregateAction):
    """Refuses to delete an aggregate, or to take a host out of one.

    Nova uses this one class for both and answers 400 to the former, 409 to
    the latter.
    """

    verb = 'remove the host from'


class InvalidAggregateActionUpdate(InvalidAggregateAction):
    verb = 'update'


class InvalidAggregateActionUpdateMeta(InvalidAggregateAction):
    verb = 'set metadata of'


class DuplicateImage(Invalid):
    msg_fmt = 'An image is named more than once.'


class ImageNotFound(Invalid):
    msg_fmt = 'Image {image_id} could not be found.'


class AggregateBusy(ServiceUnavailable):
    msg_fmt = 'The hosts of the aggregate keep changing; please repeat.'
    retry_after = 1


# Hosts


class ComputeHostNotFound(NotFound):
    msg_fmt = 'Compute host {host} could not be found.'


class ComputeNodeNotFound(ComputeHostNotFound):
    msg_fmt = 'Compute host {host} has no compute node.'


class HostInManyCells(Conflict):
    msg_fmt = (
        'Host {host} has no mapping and is in more than one cell: {cells}. '
        'Map it with "nova-manage cell_v2 discover_hosts".'
    )


class HostInUse(Conflict):
    msg_fmt = 'Host {host} cannot be registered beside {present}.'


# Dependencies


class DatabaseUnavailable(ServiceUnavailable):
    msg_fmt = (
        'The database cannot be used at present ({reason}); see {option}.'
    )

    @property
    def public(self) -> str:
        """The text without addresses, users and statements."""
        option = self.kwargs['option']
        return f'The database cannot be used at present; see {option}.'


class DatabaseMisfit(DatabaseUnavailable):
    """The database works, but not for us until an operator mends it.

    A column, a table or a privilege is missing, the password is wrong, the
    server is too old. To repeat the request is in vain.
    """

    code = 500
    retry_after = None
    msg_fmt = (
        'The database cannot be used until this is mended ({reason}); see '
        '{option}.'
    )

    @property
    def public(self) -> str:
        """The text without addresses, users and statements."""
        option = self.kwargs['option']
        return (
            'The database cannot be used until an operator mends it. The log '
            f'of the server has the cause; see {option}.'
        )


class PlacementUnavailable(ServiceUnavailable):
    msg_fmt = (
        'Placement cannot be used at present ({reason}); see [placement].'
    )


class KeystoneUnavailable(ServiceUnavailable):
    msg_fmt = (
        'Keystone cannot be used at present ({reason}); see '
        '[keystone_authtoken].'
    )


class MessageBusUnavailable(ServiceUnavailable):
    msg_fmt = (
        'The message bus cannot be used at present ({reason}); see [{group}] '
        'transport_url.'
    )


class CacheUnavailable(ServiceUnavailable):
    msg_fmt = 'The cache cannot be used at present ({reason}); see [cache].'


class CellUnavailable(ServiceUnavailable):
    msg_fmt = (
        'The database of cell {cell} cannot be used at present ({reason}); '
        'see its cell mapping.'
    )

    @property
    def public(self) -> str:
        """The text without addresses, users and statements."""
        cell = self.kwargs['cell']
        return (
            f'The database of cell {cell} cannot be used at present; see its '
            'cell mapping.'
        )


class CellSilent(ServiceUnavailable):
    msg_fmt = (
        'No answer from the database of cell {cells} within {timeout} s '
        '({places}); see its cell mapping and [aggext] cell_timeout.'
    )

    @property
    def public(self) -> str:
        """The text without addresses."""
        cells, timeout = self.kwargs['cells'], self.kwargs['timeout']
        return (
            f'No answer from the database of cell {cells} within {timeout} s; '
            'see its cell mapping and [aggext] cell_timeout.'
        )


class CellMisfit(CellUnavailable):
    """To repeat the request is in vain, as with ``DatabaseMisfit``."""

    code = 500
    retry_after = None
    msg_fmt = (
        'The database of cell {cell} cannot be used until this is mended '
        '({reason}); see its cell mapping.'
    )

    @property
    def public(self) -> str:
        """The text without addresses, users and statements."""
        cell = self.kwargs['cell']
        return (
            f'The database of cell {cell} cannot be used until an operator '
            'mends it. The log of the server has the cause; see its cell '
            'mapping.'
        )


class CellMisconfigured(ServiceUnavailable):
    """To repeat the request is in vain until the mapping is corrected."""

    code = 500
    retry_after = None
    msg_fmt = (
        'The cell mapping of {cell} names no usable database ({part}); see '
        '"nova-manage cell_v2 list_cells" and [database] connection.'
    )


class ImageServiceMissing(ServiceUnavailable):
    msg_fmt = (
        'This server has no image service to cache images from; see [glance] '
        'and [DEFAULT] transport_url.'
    )
    retry_after = 300


class ImageServiceUnavailable(ServiceUnavailable):
    msg_fmt = (
        'The image service cannot be used at present ({reason}); see [glance].'
    )


class PolicyUnavailable(ServiceUnavailable):
    msg_fmt = (
        'The policy cannot be read at present; see the log and [oslo_policy].'
    )


class ChangesForgotten(AggextException):
    """The feed does not reach back to a position."""

    msg_fmt = (
        'Changes after position {after} are forgotten; {oldest} is the oldest '
        'to go on after.'
    )


class ConfigurationError(AggextException):
    """The operator has to change something before this can start."""

    msg_fmt = '{reason}'


class ExtraMissing(ConfigurationError):
    msg_fmt = (
        '{option} needs the Python package {package}, which is not '
        'installed: install "nova-aggext[{extra}]".'
    )
