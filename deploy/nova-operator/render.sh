#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints a patch for the OpenStackControlPlane: Nova's api-paste.ini, read from
# standard input, with the filter, and the policy. The operator puts both into
# /etc/nova of nova-api.
#
#   oc rsh nova-api-0 cat /etc/nova/api-paste.ini | ./render.sh > patch.yaml
#   oc patch openstackcontrolplane NAME --type merge --patch-file patch.yaml
set -eu

cat <<'HEAD'
spec:
  nova:
    template:
      apiServiceTemplate:
        defaultConfigOverwrite:
          policy.yaml: |
HEAD
sed 's/^/            /' "$(dirname "$0")/../policy.yaml"
echo '          api-paste.ini: |'
sed -e '/^keystone = /s/ keystonecontext / keystonecontext aggext /' \
    -e 's/^/            /'
cat <<'END'

            [filter:aggext]
            use = egg:nova-aggext#aggregates
END
