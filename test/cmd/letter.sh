#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# letter.sh SHEBAO: the decision letter prints the derivation that is stored with the decision: the amount of each part beside the
# article of that part's step, and figures of law with the source that the derivation names.
set -uo pipefail
shebao=${1:?usage: letter.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
export LC_ALL=C.UTF-8
command -v pdftotext >/dev/null || { echo "skipped: pdftotext is not installed"; exit 0; }
dir=$(mktemp -d /tmp/shebao-letter-test-XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$shebao" demo --persons 120 --seed 7 --today 2026-11-24 --db "sqlite:$dir/a.db" >"$dir/said" 2>&1 || { cat "$dir/said"; exit 1; }

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
