#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# anchors.sh SHEBAO: the trail is anchored, the anchors are kept in a file outside, and who holds that file, the exported trail and the public
# key verifies both without a database. What was changed, deleted, forged, resealed with another key or set back is found.
set -uo pipefail
shebao=${1:?usage: anchors.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
export LC_ALL=C.UTF-8
dir=$(mktemp -d /tmp/shebao-anchors-XXXXXX)
trap 'rm -rf "$dir"' EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
url=sqlite:$dir/a.db
db=$dir/a.db
sql() { python3 -c 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()' "$1" "$2"; }
finds() { # CODE WHAT COMMAND…: exit 1, and the code among the findings
        local code=$1 what=$2 out rc
        shift 2
        out=$("$@" 2>&1)
        rc=$?
        [ $rc -eq 1 ] && grep -q "^$code" <<<"$out" || fault "$what: exit $rc, $out"
}
clean() { # WHAT COMMAND…
        local what=$1 out
        shift
        out=$("$@" 2>&1) || fault "$what: $out"
}

"$shebao" demo --db "$url" --persons 60 --seed 4 >/dev/null 2>&1 || { echo "no city"; exit 1; }
"$shebao" audit anchors --db "$url" --now --out "$dir/anchors" || fault "anchor"
parent=$("$shebao" call offices.list --as admin --db "$url" --in '{}' |
        python3 -c 'import json, sys; print(next(x["id"] for x in json.load(sys.stdin)["items"] if x["parent"] is None))')
for i in 1 2 3; do
        "$shebao" call offices.open --as admin --db "$url" --key "new-office-$i" --in \
                "{\"code\":\"N-$i\",\"parent\":$parent,\"name_zh\":\"新设$i\",\"name_en\":\"New $i\",\"territory\":\"990000\"}" >/dev/null ||
                fault "office $i"
        "$shebao" audit anchors --db "$url" --now --out "$dir/anchors" || fault "anchor $i"
done
[ "$(wc -l <"$dir/anchors")" -eq 4 ] || fault "four anchors expected: $(wc -l <"$dir/anchors")"
"$shebao" audit anchors --db "$url" --out "$dir/anchors" || fault "again"
[ "$(wc -l <"$dir/anchors")" -eq 4 ] || fault "nothing is written twice"
"$shebao" audit trail --db "$url" --out "$dir/trail" >/dev/null || fault "trail"
key=$("$shebao" audit key --db "$url")
clean "the city" "$shebao" audit --db "$url" --anchors "$dir/anchors"
verify=("$shebao" audit verify --anchors "$dir/anchors" --key "$key")
clean "offline" "${verify[@]}" --trail "$dir/trail"
clean "offline as JSON" "${verify[@]}" --trail "$dir/trail" --json
if grep -q '"body":"[^"]*[1-9][0-9]\{16\}[0-9X]' "$dir/trail"; then fault "the trail holds an identity number"; fi

# The file of the trail, changed in each way.
other=$(printf '%064d' 7)
finds SB-0789 "another key" "$shebao" audit verify --anchors "$dir/anchors" --trail "$dir/trail" --key "$other"
edit() { python3 - "$dir/trail" "$dir/trail.changed" "$1" <<'P'
import json, sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
how = sys.argv[3]
rows = [i for i, l in enumerate(lines) if l.startswith('{"row"')]
seals = [i for i, l in enumerate(lines) if l.startswith('{"seal"')]
def row(i, change):
    o = json.loads(lines[i]); change(o["row"]); lines[i] = json.dumps(o, ensure_ascii=False, separators=(",", ":"))
if how == "actor": row(rows[5], lambda r: r.__setitem__(3, r[3] + 1))
if how == "delete": del lines[rows[5]]
if how == "swap": lines[rows[5]], lines[rows[6]] = lines[rows[6]], lines[rows[5]]
if how == "forge": lines.insert(rows[5], lines[rows[5]])
if how == "seal": del lines[seals[-1]:]
if how == "torn": lines[rows[5]] = lines[rows[5]][:30]
open(sys.argv[2], "w", encoding="utf-8").write("\n".join(lines))
P
}
for try in actor:SB-0785 delete:SB-0786 swap:SB-0786 forge:SB-0786 seal:SB-0798; do
        edit "${try%%:*}"
        finds "${try##*:}" "trail, ${try%%:*}" "${verify[@]}" --trail "$dir/trail.changed"
done
edit torn
out=$("${verify[@]}" --trail "$dir/trail.changed" 2>&1) && fault "a torn line passed"
grep -q SB-0906 <<<"$out" || fault "a torn line: $out"
sed 2d "$dir/anchors" >"$dir/anchors.cut"
finds SB-0794 "an anchor left out" "$shebao" audit verify --anchors "$dir/anchors.cut" --trail "$dir/trail" --key "$key"

# The database, changed by who can compute hashes but has not the key: a row, and everything over it anew.
copy() { rm -f "$dir/b.db"*; python3 -c 'import sqlite3,sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))' "$db" "$dir/b.db"; }
copy
python3 test/cmd/reseal.py "$dir/b.db" || fault "reseal"
finds SB-0789 "resealed with another key" "$shebao" audit --db "sqlite:$dir/b.db"
finds SB-0798 "resealed, against the file" "$shebao" audit --db "sqlite:$dir/b.db" --anchors "$dir/anchors"
if "$shebao" audit --db "sqlite:$dir/b.db" --anchors "$dir/anchors" 2>&1 | grep -E '^SB-078[5678]'; then
        fault "the forger's hashes should agree with each other"
fi
"$shebao" audit trail --db "sqlite:$dir/b.db" --out "$dir/trail.resealed" >/dev/null
finds SB-0794 "resealed, offline" "${verify[@]}" --trail "$dir/trail.resealed"
# An older database in its place.
copy
sql "$dir/b.db" "DELETE FROM anchor WHERE sequence > 2; DELETE FROM audit_seal WHERE sequence > (SELECT MAX(sequence) - 1 FROM audit_seal)"
finds SB-0798 "set back" "$shebao" audit --db "sqlite:$dir/b.db" --anchors "$dir/anchors"
out=$("$shebao" audit anchors --db "sqlite:$dir/b.db" --out "$dir/anchors" 2>&1) && fault "a database that was set back wrote on the file"
grep -q SB-0798 <<<"$out" || fault "set back: $out"
for how in "body = replace(body, '\"rows\":', '\"rows\":1')" "day = day - 1" "signature = zeroblob(64)" "hash = zeroblob(32)" "at = at + 1"; do
        copy
        sql "$dir/b.db" "UPDATE anchor SET $how WHERE sequence = 3"
        finds SB-0794 "anchor: $how" "$shebao" audit --db "sqlite:$dir/b.db"
done

# By SQL, then everything as a program writes it: the sums of the tables tell it, until somebody takes it as it is, under their name.
copy
sql "$dir/b.db" "UPDATE decision SET result = result || ' ' WHERE id = (SELECT MIN(id) FROM decision)"
finds "SB-0799 decision" "a decision changed" "$shebao" audit --db "sqlite:$dir/b.db"
"$shebao" call offices.list --as admin --db "sqlite:$dir/b.db" --in '{}' >/dev/null
finds "SB-0799 decision" "and the program ran since" "$shebao" audit --db "sqlite:$dir/b.db"
out=$("$shebao" audit accept decisions --db "sqlite:$dir/b.db" --as admin --reason "restored by hand, ticket 4711" 2>&1)
grep -q "^shebao: SB-0116" <<<"$out" || fault "accepted a table that is none: $out"
"$shebao" audit accept decision --db "sqlite:$dir/b.db" --as admin --reason "restored by hand, ticket 4711" >/dev/null || fault "accept"
clean "accepted" "$shebao" audit --db "sqlite:$dir/b.db"
"$shebao" audit trail --db "sqlite:$dir/b.db" --out "$dir/trail.accepted" >/dev/null
grep -q 'audit.accept.*ticket 4711' "$dir/trail.accepted" || fault "nobody says who accepted"
# An older state of one table with its old sum, and all of an older database.
cp "$dir/b.db" "$dir/c.db"
"$shebao" audit anchors --db "sqlite:$dir/c.db" --now --out "$dir/anchors.c" || fault "anchor c"
sql "$dir/c.db" "ATTACH '$db' AS old; DELETE FROM decision; INSERT INTO decision SELECT * FROM old.decision;
        DELETE FROM table_digest WHERE name = 'decision'; INSERT INTO table_digest SELECT * FROM old.table_digest WHERE name = 'decision'"
finds "SB-0799 table_digest" "one table set back" "$shebao" audit --db "sqlite:$dir/c.db"
sql "$dir/c.db" "DELETE FROM table_digest"
"$shebao" call offices.list --as admin --db "sqlite:$dir/c.db" --in '{}' >/dev/null
finds "SB-0794 table_digest" "the sums begun anew" "$shebao" audit --db "sqlite:$dir/c.db"

# serve writes them while it works.
rm -f "$dir/served"
"$shebao" serve --db "$url" --port 0 --anchors "$dir/served" >"$dir/out" 2>"$dir/err" &
pid=$!
for _ in $(seq 300); do [ -s "$dir/served" ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid || fault "serve: $(cat "$dir/err")"
cmp -s <(head -4 "$dir/served") "$dir/anchors" || fault "serve writes other anchors"
[ $failed -eq 0 ] && echo "anchors: all found"
exit $failed
