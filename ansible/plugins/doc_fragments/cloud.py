# SPDX-License-Identifier: Apache-2.0
"""The options that say which cloud it is."""


class ModuleDocFragment:
    """What all modules take."""

    DOCUMENTATION = r"""
options:
  cloud:
    description:
      - Name of a cloud of C(clouds.yaml). Other options stand over what is
        said there.
      - Without it and O(auth) the variables C(OS_*) of the environment count.
    type: str
  auth:
    description:
      - What the plugin of O(auth_type) needs, such as C(auth_url),
        C(username), C(password), C(project_name) and C(user_domain_name).
      - None of it is shown. What else is told is masked where it is the same,
        such as the name of an aggregate that is called like the project. With
        O(cloud) nothing is.
    type: dict
  auth_type:
    description: Name of the plugin that authenticates.
    type: str
  region_name:
    description: Name of the region.
    type: str
  interface:
    description: The endpoints of the catalog that are used.
    type: str
    choices: [admin, internal, public]
    aliases: [endpoint_type]
  validate_certs:
    description: Whether certificates of servers are verified.
    type: bool
    aliases: [verify]
  ca_cert:
    description: Path to the certificates that are trusted.
    type: path
    aliases: [cacert]
  client_cert:
    description: Path to a certificate of the client.
    type: path
    aliases: [cert]
  client_key:
    description: Path to the key of O(client_cert).
    type: path
    aliases: [key]
  api_timeout:
    description: Seconds to wait for an answer.
    type: int
requirements:
  - python >= 3.11
  - osc-aggext >= 0.1.0
notes:
  - The cloud must have C(/os-aggext), which nova-aggext serves inside nova-api
    or as a service of its own. It is looked for as the service
    C(host-aggregate) of the catalog, then below the endpoint of C(compute).
"""
