# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A private PostgreSQL for tests in shell: on a socket in a folder of its own, as an unprivileged user when run by root.
#   PG_OPTIONS      of the server; by default nothing is flushed to the disk
#   pg_make DIR     a new cluster in DIR, started; 1 when PostgreSQL is not on this machine
#   pg_start DIR    start it again;   pg_stop DIR   stop it, connections are cut
#   pg_url DIR NAME a new, empty database: prints its address
pg_bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }
pg_user() { getent passwd postgres >/dev/null && echo postgres || echo nobody; }
pg_as() {
        if [ "$(id -u)" -eq 0 ]; then
                (cd / && setpriv --reuid "$(pg_user)" --regid "$(id -gn "$(pg_user)")" --clear-groups "$@")
        else
                "$@"
        fi
}
pg_start() { pg_as "$(pg_bin)/pg_ctl" -D "$1/data" -l "$1/log" -s -w -t 60 -o "-k $1 -c listen_addresses='' ${PG_OPTIONS--c fsync=off}" start; }
pg_stop() { pg_as "$(pg_bin)/pg_ctl" -D "$1/data" -s -w -m fast stop; }
pg_make() {
        [ -n "$(pg_bin)" ] || return 1
        mkdir -p "$1"
        [ "$(id -u)" -ne 0 ] || chown "$(pg_user)" "$1"
        chmod 755 "$1"
        pg_as "$(pg_bin)/initdb" -D "$1/data" -U shebao -A trust -E UTF8 --locale=C --no-sync >"/dev/null" || return 2
        pg_start "$1"
}
pg_url() {
        pg_as "$(pg_bin)/createdb" -h "$1" -U shebao "$2" && printf 'postgresql://shebao@/%s?host=%s\n' "$2" "$1"
}
