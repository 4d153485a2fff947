#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prepares a machine for the tests: installs missing Debian packages when run
# as root, starts database servers and Redis where they do not run, and makes the
# user openstack_citest (password the same) on both. Safe to run again.
set -eu

USER=openstack_citest
bindep=${BINDEP:-bindep}

missing=$($bindep -b -f "$(dirname "$0")/../bindep.txt" test 2>/dev/null || true)
# It may have come with Node.js, and then Debian's would not go beside it.
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing
fi

start() { # service, command that succeeds when it runs
    $2 >/dev/null 2>&1 || service "$1" start >/dev/null 2>&1 || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        $2 >/dev/null 2>&1 && return 0
        sleep 1
    done
    echo "tools/test-setup.sh: $1 does not run" >&2
    return 1
}

postgres() {
    if [ "$(id -u)" = 0 ]; then
        su postgres -c "psql -qAt -d postgres -c \"$1\""
    else
        psql -qAt -U postgres -d postgres -c "$1"
    fi
}

if start mariadb "mariadb-admin ping"; then
    mariadb -e "
        CREATE USER IF NOT EXISTS '$USER'@'localhost' IDENTIFIED BY '$USER';
        CREATE USER IF NOT EXISTS '$USER'@'127.0.0.1' IDENTIFIED BY '$USER';
        GRANT ALL ON *.* TO '$USER'@'localhost', '$USER'@'127.0.0.1'
            WITH GRANT OPTION;"
fi
if start postgresql "pg_isready -q"; then
    [ "$(postgres "SELECT 1 FROM pg_roles WHERE rolname = '$USER'")" = 1 ] ||
        postgres "CREATE ROLE $USER LOGIN SUPERUSER PASSWORD '$USER'"
fi
start redis-server "redis-cli ping" || true
