#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs the tests: makes .venv with tox and bindep where it is missing, prepares
# the machine, and runs tox. Arguments are passed to tox. What has failed is
# said once more at the end.
set -eu

cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin

[ -x "$bin/python" ] || python3 -m venv .venv
if ! [ -x "$bin/tox" ] || ! [ -x "$bin/bindep" ]; then
    "$bin/pip" install --quiet 'tox>=4.21' 'tox-uv>=1.16' bindep
fi
BINDEP=$bin/bindep tools/test-setup.sh
results=$(mktemp)
trap 'rm -f "$results"' EXIT
code=0
TOX_RESULT_JSON=$results "$bin/tox" "$@" || code=$?
# Empty when tox itself was not able to run.
if [ "$code" != 0 ] && [ -s "$results" ]; then
    "$bin/python" tools/failures.py "$results" || true
fi
exit "$code"
