#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# pgbackrest.sh SHEBAO: an installation on a private PostgreSQL is copied by pgBackRest with deploy/pgbackrest.conf: full, incremental, its log
# archived; the server is killed; restored to a time it has the canonical export that it had then, and the auditor finds nothing.
set -uo pipefail
shebao=${1:?usage: pgbackrest.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
. test/support/pg.sh
export LC_ALL=C.UTF-8
command -v pgbackrest >/dev/null && [ -n "$(pg_bin)" ] || { echo "pgBackRest or PostgreSQL is not on this machine: skipped"; exit 77; }
dir=$(mktemp -d /tmp/shebao-pgbackrest-XXXXXX)
chmod 755 "$dir"
cleanup() {
        [ ! -f "$dir/pg/data/postmaster.pid" ] || pg_stop "$dir/pg" 2>/dev/null
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
mkdir "$dir"/{pg,repo,log,lock}
[ "$(id -u)" -ne 0 ] || chown -R "$(pg_user)" "$dir"/{pg,repo,log,lock}
sed -e "s#^repo1-path=.*#repo1-path=$dir/repo#; s#^log-path=.*#log-path=$dir/log#; s#^lock-path=.*#lock-path=$dir/lock#
        s#^pg1-path=.*#pg1-path=$dir/pg/data#; s#^pg1-socket-path=.*#pg1-socket-path=$dir/pg#; s#^pg1-user=.*#pg1-user=shebao#" \
        deploy/pgbackrest.conf >"$dir/pgbackrest.conf"
echo "pg1-database=postgres" >>"$dir/pgbackrest.conf"
chmod 644 "$dir/pgbackrest.conf"
export PGBACKREST_REPO1_CIPHER_PASS=only-for-this-test
rest() { pg_as pgbackrest --config="$dir/pgbackrest.conf" --stanza=shebao --log-level-console=warn "$@" || fault "pgbackrest $*"; }
PG_OPTIONS="-c fsync=off -c archive_mode=on -c wal_level=replica -c archive_timeout=60 -c archive_command='pgbackrest --config=$dir/pgbackrest.conf --stanza=shebao archive-push %p'"
pg_make "$dir/pg" || { echo "no cluster"; exit 1; }
url=$(pg_url "$dir/pg" city)
rest stanza-create
"$shebao" demo --db "$url" --persons 60 --seed 5 >/dev/null 2>&1 || { echo "no city"; exit 1; }
parent=$("$shebao" call offices.list --as admin --db "$url" --in '{}' |
        python3 -c 'import json, sys; print(next(x["id"] for x in json.load(sys.stdin)["items"] if x["parent"] is None))')
office() {
        "$shebao" call offices.open --as admin --db "$url" --key "new-office-$1" --in \
                "{\"code\":\"N-$1\",\"parent\":$parent,\"name_zh\":\"新设$1\",\"name_en\":\"New $1\",\"territory\":\"990000\"}" >/dev/null || fault "office $1"
}
digest() { "$shebao" export --db "$url" | cut -d' ' -f1; }
rest --type=full backup
office 1
rest --type=incr backup
office 2
sleep 1
then=$(date -u '+%Y-%m-%d %H:%M:%S.%6N+00') was=$(digest)
sleep 1
office 3
[ "$was" != "$(digest)" ] || fault "the digests do not tell the times apart"
pg_as "$(pg_bin)/psql" -h "$dir/pg" -U shebao -d city -qAtc 'SELECT pg_switch_wal()' >/dev/null
for _ in $(seq 100); do # until the log with the time is in the archive
        [ "$(pg_as "$(pg_bin)/psql" -h "$dir/pg" -U shebao -d city -qAtc "SELECT last_archived_time > '$then' FROM pg_stat_archiver")" = t ] && break
        sleep 0.2
done
# The lost machine: no time to stop.
pg_as "$(pg_bin)/pg_ctl" -D "$dir/pg/data" -s -w -m immediate stop
rm -rf "$dir/pg/data/base"
rest --type=time --target="$then" --target-action=promote restore
pg_start "$dir/pg" || { cat "$dir/pg/log"; fault "start"; }
for _ in $(seq 100); do # it reads the log, then takes writes again
        [ "$(pg_as "$(pg_bin)/psql" -h "$dir/pg" -U shebao -d city -qAtc 'SELECT pg_is_in_recovery()')" = f ] && break
        sleep 0.2
done
[ "$(digest)" = "$was" ] || fault "another database was restored"
"$shebao" audit --db "$url" >"$dir/said" || fault "audit: $(cat "$dir/said")"
if grep -rlaq '新设\|990000' "$dir/repo"; then fault "the repository is in clear"; fi
[ $failed -eq 0 ] && echo "pgbackrest: restored as it was"
exit $failed
