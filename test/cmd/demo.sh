#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh SHEBAO: the same seed, size and day give the same city on SQLite and on PostgreSQL, another seed another one; the
# auditor finds nothing in it; ids go on where the city ended; a city needs a demonstration pack and a new database.
set -uo pipefail
shebao=${1:?usage: demo.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
. test/support/pg.sh
export LC_ALL=C.UTF-8
dir=$(mktemp -d /tmp/shebao-demo-test-XXXXXX)
chmod 755 "$dir"
cleanup() {
        [ ! -d "$dir/pg/data" ] || pg_stop "$dir/pg" 2>/dev/null
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
city() { "$shebao" demo --persons "$3" --seed "$2" --today "${4:-2026-11-24}" --db "$1" >"$dir/said" 2>&1 || { cat "$dir/said"; fault "demo $*"; }; }
refused() { # CODE WHAT ARGUMENT…
        local code=$1 what=$2 out
        shift 2
        out=$("$shebao" "$@" 2>&1) && fault "$what was allowed"
        grep -q "$code" <<<"$out" || fault "$what: $out"
}
digest() { "$shebao" export --db "$1" | cut -d' ' -f1; }

city "sqlite:$dir/a.db" 11 300
city "sqlite:$dir/b.db" 11 300
city "sqlite:$dir/c.db" 12 300
a=$(digest "sqlite:$dir/a.db")
[ -n "$a" ] && [ "$a" = "$(digest "sqlite:$dir/b.db")" ] || fault "the same seed gives another city"
[ "$a" != "$(digest "sqlite:$dir/c.db")" ] || fault "another seed gives the same city"
"$shebao" audit --db "sqlite:$dir/a.db" >"$dir/said" || { cat "$dir/said"; fault "the auditor found something"; }

"$shebao" export --db "sqlite:$dir/a.db" --out "$dir/a.jsonl" >/dev/null || fault "export to a file"
[ "$(sha256sum <"$dir/a.jsonl" | cut -d' ' -f1)" = "$a" ] || fault "the digest is not that of the file"
[ "$(stat -c %a "$dir/a.jsonl")" = 600 ] || fault "others can read the export"
"$shebao" export --db "sqlite:$dir/a.db" --out "$dir/a.jsonl" 2>/dev/null && fault "an export was written over a file"
for what in '"table":"award"' '"table":"audit_seal"' '990101' '(演示)|（演示）'; do
        grep -qE "$what" "$dir/a.jsonl" || fault "the export lacks $what"
done

# Every table and column of the database is exported, or left out on purpose (export.h says why).
python3 - "$dir/a.db" "$dir/a.jsonl" <<'PY' || fault "a table or a column is missing from the export"
import json, sqlite3, sys
left_out = {"id_block", "session", "second_factor", "recovery_code", "password_past", "directory", "name_key", "name_key_pending", "migration", "pack.archive", "staff.password", "person.key_wrapped",
            "document.body", "case_past", "task_past", "timer_past", "effect_past", "case_moving", "run_fault.args", "run_fault.record", "subscription", "staffing_day", "task.before_state",
            "application.wrapped", "application.sealed", "roster.wrapped", "roster.sealed", "letter.wrapped", "letter.sealed", "letter_gate", "case_draft.wrapped", "case_draft.sealed", "attachment.wrapped",
            "attachment.file_hash", "case_note.wrapped", "case_note.sealed", "table_digest", "table_change", "exchange_batch.wrapped", "exchange_batch.body", "portal_account.wrapped", "portal_account.sealed"}
db = sqlite3.connect(sys.argv[1])
have = {}
for line in open(sys.argv[2], encoding="utf8"):
    if line.startswith('{"columns"'):
        head = json.loads(line)
        have[head["table"]] = head["columns"]
missing = []
for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
    if table in left_out:
        continue
    for row in db.execute(f"PRAGMA table_info({table})"):
        if row[1] not in have.get(table, []) and f"{table}.{row[1]}" not in left_out and not row[1].startswith("lease_"):
            missing.append(f"{table}.{row[1]}")
print(*missing, sep="\n", end="")
sys.exit(bool(missing))
PY

# What is in the past reads as before: the same export, the auditor content. The run and its audit row are new, so they are left out of both.
past() { # URL
        local before after
        "$shebao" export --db "$1" --out "$dir/before.jsonl" >/dev/null
        before=$(python3 -c "$tables" "$dir/before.jsonl")
        "$shebao" case archive --db "$1" --before 2026-11 >"$dir/said" 2>&1 || { cat "$dir/said"; fault "case archive"; }
        grep -q '"moved": *[1-9]' "$dir/said" || fault "nothing moved: $(cat "$dir/said")"
        "$shebao" export --db "$1" --out "$dir/after.jsonl" >/dev/null
        after=$(python3 -c "$tables" "$dir/after.jsonl")
        [ -n "$before" ] && [ "$before" = "$after" ] || fault "the past reads otherwise in $1"
        "$shebao" audit --db "$1" >"$dir/said" || { cat "$dir/said"; fault "the auditor found something after the move"; }
        refused SB-0479 "a month that is not over" case archive --db "$1" --before 2999-01
        rm -f "$dir/before.jsonl" "$dir/after.jsonl"
}
tables='
import hashlib, json, sys
wanted, digest, on = {"process_instance", "task", "timer", "effect", "decision", "document"}, hashlib.sha256(), False
for line in open(sys.argv[1], encoding="utf8"):
    if line.startswith("{\"columns\""):
        on = json.loads(line)["table"] in wanted
    if on:
        digest.update(line.encode())
print(digest.hexdigest())
'
past "sqlite:$dir/a.db"

# A city that is cut short leaves nothing behind.
(ulimit -f 3000; "$shebao" demo --persons 300 --db "sqlite:$dir/cut.db" >"$dir/said" 2>&1) && fault "a city without room was made"
grep -qE 'SB-0(003|105|106)' "$dir/said" || fault "a city without room: $(tail -1 "$dir/said")"
[ -z "$(ls "$dir"/cut.db* 2>/dev/null)" ] || fault "the remains of a city: $(ls "$dir"/cut.db*)"
refused SB-0730 "a city over another" demo --persons 100 --db "sqlite:$dir/a.db"
refused SB-0732 "a city of Hunan" demo --persons 100 --db "sqlite:$dir/d.db" --pack packs/cn-hunan
refused SB-0901 "a city of three" demo --persons 3 --db "sqlite:$dir/d.db"
refused SB-01 "an export of nothing" export --db "sqlite:$dir/none.db"

# The first and the last day of a month, and a leap day: the months before differ.
for today in 2026-12-01 2026-10-31 2028-02-29; do
        city "sqlite:$dir/t-$today.db" 5 100 $today
        "$shebao" audit --db "sqlite:$dir/t-$today.db" >"$dir/said" || { cat "$dir/said"; fault "audit of $today"; }
done

if pg_make "$dir/pg"; then
        url=$(pg_url "$dir/pg" city)
        city "$url" 11 300
        p=$(digest "$url")
        if [ "$p" != "$a" ]; then
                "$shebao" export --db "$url" --out "$dir/p.jsonl" >/dev/null
                diff "$dir/a.jsonl" "$dir/p.jsonl" | cut -c1-300 | head -6
                fault "PostgreSQL holds another city"
        fi
        "$shebao" audit --db "$url" >"$dir/said" || { cat "$dir/said"; fault "the auditor found something in PostgreSQL"; }
        past "$url"
else
        echo "skipped: no PostgreSQL on this machine"
fi
[ $failed -eq 0 ] && echo "demo.sh: passed"
exit $failed
