# SPDX-License-Identifier: Apache-2.0
# What mod_wsgi loads. To read other files than those of /etc/nova and
# /etc/nova-aggext, set OS_NOVA_AGGEXT_CONFIG_FILES in /etc/apache2/envvars.
from nova_aggext.server import application  # noqa: F401
