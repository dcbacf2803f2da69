#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# doctor.sh SHEBAO: a sound installation is well; each thing that is wrong is told, with what to do, in both languages and as JSON.
set -uo pipefail
shebao=${1:?usage: doctor.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
dir=$(mktemp -d /tmp/shebao-doctor-XXXXXX)
trap 'rm -rf "$dir"' EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
sql() { python3 -c 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()' "$dir/b.db" "$1"; }
"$shebao" demo --db "sqlite:$dir/a.db" --persons 60 --seed 6 >/dev/null 2>&1 || { echo "no city"; exit 1; }
"$shebao" audit anchors --db "sqlite:$dir/a.db" --now --out "$dir/anchors"
LC_ALL=C.UTF-8 "$shebao" doctor --db "sqlite:$dir/a.db" --anchors "$dir/anchors" >"$dir/said" 2>&1 || fault "a sound city: $(cat "$dir/said")"
grep -q BAD "$dir/said" && fault "a sound city: $(cat "$dir/said")"
told() { # CHECK LEVEL SQL: what the doctor says after the damage
        cp "$dir/a.db" "$dir/b.db"
        sql "$3"
        "$shebao" doctor --db "sqlite:$dir/b.db" --json >"$dir/said" 2>&1
        [ $? -eq "$([ "$2" = bad ] && echo 1 || echo 0)" ] || [ "$2" = warn ] || fault "$1: exit code"
        python3 - "$dir/said" "$1" "$2" <<'P' || fault "$1 not told after $3: $(cat "$dir/said")"
import json, sys
o = json.load(open(sys.argv[1], encoding="utf-8"))
f = [x for x in o["findings"] if x["check"] == sys.argv[2] and x["level"] == sys.argv[3]]
good = f and all(all(x[k] for k in ("what_en", "what_zh", "do_en", "do_zh")) for x in f) and o["well"] == (not any(x["level"] == "bad" for x in o["findings"]))
sys.exit(0 if good else 1)
P
}
told version bad "DELETE FROM migration WHERE number = (SELECT MAX(number) FROM migration)"
told packs bad "UPDATE pack_activation SET valid_to = 10000"
told keys bad "UPDATE person SET key_wrapped = zeroblob(72)"
told audit bad "UPDATE award SET total_fen = total_fen + 1"
told clock bad "UPDATE audit_row SET at = at + 900000000000000 WHERE id = (SELECT MAX(id) FROM audit_row)"
told incidents warn "UPDATE process_instance SET state = 'incident' WHERE id = (SELECT MIN(id) FROM process_instance)"
told sealed warn "UPDATE ledger_seal SET sealed_before = 20000"
told staff warn "UPDATE staff SET roles = 'clerk'"
told backup bad "DELETE FROM setting WHERE name = 'demonstration'"
cp "$dir/a.db" "$dir/b.db"
python3 - "$dir/b.db" <<'P'
import sys
with open(sys.argv[1], "r+b") as f:
    for page in range(40, 50):
        f.seek(8192 * page)
        f.write(b"\xff" * 400)
P
"$shebao" doctor --db "sqlite:$dir/b.db" --json >"$dir/said" 2>&1 && fault "a damaged page"
grep -q '"integrity"\|SB-01' "$dir/said" || fault "a damaged page: $(cat "$dir/said")"
LC_ALL=zh_CN.UTF-8 LANG=zh_CN.UTF-8 "$shebao" doctor --db "sqlite:$dir/a.db" >"$dir/said" 2>&1
grep -q '检查' "$dir/said" || fault "Chinese: $(cat "$dir/said")"
[ $failed -eq 0 ] && echo "doctor: everything told"
exit $failed
