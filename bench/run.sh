#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs a measurement in a virtual environment of its own; without arguments
# the one against a real Nova. See README.rst.
set -eu

cd "$(dirname "$0")/.."
venv=${AGGEXT_TEST_VENVS:-.test-venvs}/bench

if ! [ -f "$venv/made" ] || [ bench/requirements.txt -nt "$venv/made" ] ||
    [ requirements.txt -nt "$venv/made" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --editable . \
        --requirement bench/requirements.txt
    touch "$venv/made"
fi
exec "$venv/bin/python" -m bench "$@"
