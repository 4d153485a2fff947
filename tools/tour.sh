#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A short tour of host aggregates with the real openstack client, against a
# server that runs already (nova-aggext-api --dev). The client lives in a
# virtual environment of its own, .venv-tour.
#
# usage: tools/tour.sh [URL]
set -eu

cd "$(dirname "$0")/.."
url=${1:-http://127.0.0.1:8774/v2.1}
client=.venv-tour/bin/openstack
name=tour-$$

if ! [ -x $client ]; then
    echo 'Installing python-openstackclient into .venv-tour ...'
    python3 -m venv .venv-tour
    .venv-tour/bin/pip install --quiet python-openstackclient
fi

run() {
    echo
    echo "\$ openstack $*"
    $client --os-auth-type none --os-endpoint "$url" "$@"
}

run aggregate create --zone "$name" "$name"
run aggregate add host "$name" host4
run aggregate set --property ssd=true --property rack=12 "$name"
run aggregate show "$name"
run aggregate list --long
run aggregate unset --property rack "$name"
run aggregate remove host "$name" host4
run aggregate delete "$name"
run aggregate list
