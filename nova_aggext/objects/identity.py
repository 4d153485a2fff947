# SPDX-License-Identifier: Apache-2.0
"""A caller in the wire form of Nova's context."""

from typing import Any

from nova_aggext import context


def primitive(
    who: context.RequestContext, *, credentials: bool = False
) -> dict[str, Any]:
    """Give the context of a message (SIDE_EFFECTS, section 2).

    :param credentials: with the caller's token and the part of the service
        catalog that Nova's services use
    """
    return {
        'user': who.user_id,
        'project_id': who.project_id,
        'system_scope': who.system_scope,
        'project': who.project_id,
        'domain': who.domain_id,
        'user_domain': who.user_domain_id,
        'project_domain': who.project_domain_id,
        'is_admin': bool(who.is_admin),
        'read_only': who.read_only,
        'show_deleted': who.show_deleted,
        'auth_token': who.auth_token if credentials else None,
        'request_id': who.request_id,
        'global_request_id': who.global_request_id,
        'resource_uuid': who.resource_uuid,
        'roles': list(who.roles),
        'user_identity': _identity(who),
        'is_admin_project': who.is_admin_project,
        'user_id': who.user_id,
        'read_deleted': 'no',
        'remote_address': who.remote_address if credentials else None,
        'timestamp': who.timestamp,
        'quota_class': None,
        'user_name': who.user_name,
        'service_catalog': who.service_catalog if credentials else [],
        'project_name': who.project_name,
    }


def _identity(who: context.RequestContext) -> str:
    parts = (
        who.user_id,
        who.project_id,
        who.domain_id,
        who.user_domain_id,
        who.project_domain_id,
    )
    return ' '.join(part or '-' for part in parts)
