#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# letter.sh SHEBAO: the decision letter prints the derivation that is stored with the decision: the amount of each part beside the
# article of that part's step, and figures of law with the source that the derivation names. And it proves itself: by the file of keys
# alone, whatever byte of it is changed.
set -uo pipefail
shebao=${1:?usage: letter.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
export LC_ALL=C.UTF-8
command -v pdftotext >/dev/null || { echo "skipped: pdftotext is not installed"; exit 0; }
dir=$(mktemp -d /tmp/shebao-letter-test-XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$shebao" demo --persons 120 --seed 7 --today 2026-11-24 --db "sqlite:$dir/a.db" >"$dir/said" 2>&1 || { cat "$dir/said"; exit 1; }

fault() { echo "FAILED: $*"; exit 1; }
"$shebao" letter keys --db "sqlite:$dir/a.db" --out "$dir/keys.json" || fault "the keys are not written"
python3 - "$shebao" "$dir" <<'PY' || exit 1
import json, sqlite3, subprocess, sys

shebao, folder = sys.argv[1:]
db = sqlite3.connect(f"{folder}/a.db")
failed = 0

def verified(*arguments):
    return subprocess.run([shebao, "letter", "verify", *arguments], capture_output=True).returncode

def expect(what, is_good, *arguments):
    global failed
    if (verified(*arguments) == 0) != is_good:
        failed += 1
        print(f"FAILED: {what}")

keys = f"{folder}/keys.json"
body, code = db.execute("SELECT d.body, l.code FROM document d JOIN letter l ON l.id = d.id WHERE l.template = 'pension-award' LIMIT 1").fetchone()
file = f"{folder}/award.pdf"
open(file, "wb").write(body)
expect("a letter is not valid", True, file, "--keys", keys)
expect("a letter without keys is not intact", True, file)
expect("a code is not valid", True, "--code", code, "--keys", keys)
expect("a changed code is valid", False, "--code", code.replace(":2026-", ":2025-"), "--keys", keys)
# The amount in what the letter says, some bytes of its pages, the last byte.
at = body.index("大写".encode())
for place in [at - 8, 9, len(body) // 3, len(body) // 2, len(body) - 2, len(body) - 60]:
    changed = bytearray(body)
    changed[place] ^= 1
    open(f"{folder}/changed.pdf", "wb").write(changed)
    expect(f"byte {place} of {len(body)} may change", False, f"{folder}/changed.pdf", "--keys", keys)
# Another installation's keys, and a key on a day that is not its own.
book = json.load(open(keys))
for name, change in (("public", "00" * 32), ("from", "2999-01-01")):
    other = json.loads(json.dumps(book))
    other["keys"][0][name] = change
    json.dump(other, open(f"{folder}/other.json", "w"))
    expect(f"a letter is valid by keys with another “{name}”", False, file, "--keys", f"{folder}/other.json")
for row in db.execute("SELECT office, template, year, COUNT(*), MAX(sequence), MIN(sequence) FROM letter WHERE lang = 'zh' GROUP BY 1, 2, 3"):
    if row[3] != row[4] or row[5] != 1:
        failed += 1
        print(f"FAILED: numbers with a gap: {row}")
if db.execute("SELECT COUNT(*) FROM letter l WHERE l.lang = 'zh' AND NOT EXISTS (SELECT 1 FROM seal_use u WHERE u.letter = l.id)").fetchone()[0]:
    failed += 1
    print("FAILED: a letter went out without a seal")
sys.exit(1 if failed else 0)
PY
"$shebao" letter keys --db "sqlite:$dir/a.db" --rotate --as admin --out "$dir/new.json" || fault "the key is not changed"
[ "$(grep -o '"public"' "$dir/new.json" | wc -l)" = 2 ] || fault "the old key is gone"
"$shebao" letter verify "$dir/award.pdf" --keys "$dir/new.json" >/dev/null || fault "what the old key signed is not valid"

python3 - "$shebao" "$dir" <<'PY'
import json, re, subprocess, sys

shebao, folder = sys.argv[1:]

def call(verb, asked, out=None):
    command = [shebao, "call", verb, "--db", f"sqlite:{folder}/a.db", "--as", "approver", "--in", json.dumps(asked)]
    said = subprocess.run(command + (["--out", out] if out else []), capture_output=True, text=True)
    if said.returncode != 0:
        sys.exit(f"FAILED: {verb} {asked}: {said.stderr}")
    return None if out else json.loads(said.stdout)

cases = [c for c in call("cases.list", {"limit": 200})["items"] if c["process"] == "P17" and c["state"] == "done"]
if not cases:
    sys.exit("FAILED: the city has no retirement that is done")
failed = checked = 0
for case in cases:
    file = call("cases.get", {"case": case["id"]})
    decision = call("decisions.get", {"decision": file["decisions"][-1]["id"]})
    entries, figures = {}, {}
    for step in decision["derivation"]["steps"]:
        for entry in step.get("entries", []):
            entries[entry["name"]] = entry
        for figure in step.get("parameters", []):
            figures[figure["key"]] = figure
    for paper in file["documents"]:
        if not paper["kind"].startswith("letter"):
            continue
        call("documents.get", {"document": paper["id"]}, f"{folder}/letter.pdf")
        raw = subprocess.run(["pdftotext", "-raw", f"{folder}/letter.pdf", "-"], capture_output=True, text=True, check=True).stdout
        text = re.sub(r"\s", "", raw)
        wanted = []
        for part in ("basic", "account", "transition"):
            if float(entries[part]["value"]) > 0:
                wanted.append(entries[part]["article"] + f"{float(entries[part]['value']):,.2f}")
        for key in ("calc_base", "divisor"):
            wanted.append(figures[key]["source"])
        for one in wanted:
            checked += 1
            if re.sub(r"\s", "", one) not in text:
                print(f"FAILED: {paper['kind']} of {case['number']} lacks “{one}”")
                failed += 1
print(f"{checked} places of letters, {failed} wrong")
sys.exit(1 if failed or checked < 8 else 0)
PY
