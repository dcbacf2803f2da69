#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# backup.sh SHEBAO: a served installation is copied and its log archived while it is written; the server is killed; what is restored to a time
# has the same canonical export, every ledger in it, as the installation had then, and its auditor finds nothing. The drill says the same. A
# backup tells nobody without its key what is in it.
set -uo pipefail
shebao=${1:?usage: backup.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
export LC_ALL=C.UTF-8
dir=$(mktemp -d /tmp/shebao-backup-XXXXXX)
pid=
cleanup() {
        [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
db=$dir/a.db url=sqlite:$dir/a.db
key=(--backup-key "$dir/backup.key")
serve() {
        rm -f "$dir/out" # the word of the server before
        "$shebao" serve --db "$url" --port 0 --archive "$dir/backups" "${key[@]}" >"$dir/out" 2>"$dir/err" &
        pid=$!
        for _ in $(seq 300); do grep -qs serves "$dir/out" && return; sleep 0.1; done
        fault "serve: $(cat "$dir/err")"
}
office() { # NUMBER
        "$shebao" call offices.open --as admin --db "$url" --key "new-office-$1" --in \
                "{\"code\":\"N-$1\",\"parent\":$parent,\"name_zh\":\"新设$1\",\"name_en\":\"New $1\",\"territory\":\"990000\"}" >/dev/null || fault "office $1"
}
digest() { "$shebao" export --db "$1" "${@:2}" | cut -d' ' -f1; }
now() { date -u +%Y-%m-%dT%H:%M:%S.%6NZ; }
archived() { sleep 2.5; } # the archive is written each second

"$shebao" demo --db "$url" --persons 60 --seed 5 >/dev/null 2>&1 || { echo "no city"; exit 1; }
parent=$("$shebao" call offices.list --as admin --db "$url" --in '{}' |
        python3 -c 'import json, sys; print(next(x["id"] for x in json.load(sys.stdin)["items"] if x["parent"] is None))')
mkdir -p "$db.files/ab"
echo "sealed elsewhere" >"$db.files/ab/cd"
serve
for _ in $(seq 100); do ls "$dir"/backups/copies/*.copy >/dev/null 2>&1 && break; sleep 0.1; done
sleep 1
office 1; office 2
archived
then=$(now) was=$(digest "$url")
office 3
archived
second=$(now) is=$(digest "$url")
office 4
archived
kill -9 "$pid"; wait "$pid" 2>/dev/null; pid=
last=$(digest "$url")
[ "$was" != "$is" ] && [ "$is" != "$last" ] || fault "the digests do not tell the times apart"

restore() { # NAME TIME DIGEST
        "$shebao" restore --from "$dir/backups" "${key[@]}" --db "sqlite:$dir/$1.db" ${2:+--to-time "$2"} >"$dir/said" 2>&1 ||
                { fault "restore $1: $(cat "$dir/said")"; return; }
        [ "$(digest "sqlite:$dir/$1.db")" = "$3" ] || fault "$1 is another database: $(cat "$dir/said")"
        "$shebao" audit --db "sqlite:$dir/$1.db" >"$dir/said" || fault "$1: $(cat "$dir/said")"
}
restore first "$then" "$was"
restore second "$second" "$is"
restore last "" "$last"
cmp -s "$db.files/ab/cd" "$dir/last.db.files/ab/cd" || fault "attachments"
# The server goes on where it was killed.
serve
office 5
archived
kill -TERM "$pid"; wait "$pid" || fault "serve: $(cat "$dir/err")"
pid=
grep -q . "$dir/err" && ! grep -q '"level":"warn"' "$dir/err" && fault "serve said: $(cat "$dir/err")"
restore again "" "$(digest "$url")"
"$shebao" backup --db "$url" --to "$dir/backups" "${key[@]}" >"$dir/said" 2>&1 || fault "backup: $(cat "$dir/said")"
"$shebao" backup list --from "$dir/backups" "${key[@]}" | grep -q "$(sed -n 's/^copied [^ ]*: \([1-9][0-9]* bytes\)$/\1/p' "$dir/said" | grep .)" ||
        fault "its size: $(cat "$dir/said")"
"$shebao" backup drill --db "$url" --to "$dir/backups" "${key[@]}" >"$dir/said" 2>&1 || fault "drill: $(cat "$dir/said")"
grep -q 'passed' "$dir/said" || fault "drill: $(cat "$dir/said")"
[ -z "$(ls "$dir" | grep -- '-drill\|-copying')" ] || fault "the drill left something"
"$shebao" audit --db "$url" >"$dir/said" || fault "audit: $(cat "$dir/said")"
"$shebao" backup list --from "$dir/backups" "${key[@]}" | grep -q '^log .* pieces' || fault "list"

# A change by SQL is in the backup as it is in the database, and the drill says so.
cp "$db" "$dir/t.db"
python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("UPDATE award SET total_fen = total_fen + 1"); c.commit()' "$dir/t.db"
out=$("$shebao" backup drill --db "sqlite:$dir/t.db" --to "$dir/backups2" "${key[@]}" 2>&1) && fault "the drill of a damaged database passed"
grep -q SB-0912 <<<"$out" || fault "damaged: $out"

# Nothing is told without the key, and the folder holds no key.
if grep -rlaq 'SQLite format 3\|新设\|New 1\|990000' "$dir/backups/copies" "$dir/backups/log"; then fault "a backup is in clear"; fi
for file in "$dir/backup.key"; do
        for line in $(sed 1d "$file"); do grep -rqa "$line" "$dir/backups" && fault "the key is in the backup"; done
done
out=$("$shebao" restore --from "$dir/backups" --backup-key "$dir/other.key" --db "sqlite:$dir/x.db" 2>&1) && fault "another key opened it"
grep -q SB-0017 <<<"$out" || fault "another key: $out"
[ "$(stat -c %a "$dir"/backups/copies/*.copy | sort -u)" = 600 ] || fault "others can read a copy"
[ "$("$shebao" backup --db postgresql://@/x | grep -c pgbackrest)" -ge 5 ] || fault "PostgreSQL"
[ $failed -eq 0 ] && echo "backup: restored as it was"
exit $failed
