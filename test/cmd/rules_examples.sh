#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# rules_examples.sh SHEBAO ROOT: worked examples of the packs, those of ROOT/../shared when it is there, and that the command tells
# a right entry from a wrong one.
set -uo pipefail
shebao=${1:?usage: rules_examples.sh SHEBAO ROOT}
root=${2:?usage: rules_examples.sh SHEBAO ROOT}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# expect CODE PATTERN FILE…: the exit code, and a line that fits the pattern.
expect() {
        local code=$1 pattern=$2 out rc=0
        shift 2
        out=$("$shebao" rules examples --packs "$root/packs" "$@" 2>&1) || rc=$?
        if [ $rc -ne "$code" ] || ! grep -qE -- "$pattern" <<<"$out"; then
                printf 'FAILED: %s gave %d, not %d with “%s”:\n%s\n' "$*" $rc "$code" "$pattern" "$(cut -c1-400 <<<"$out" | tail -n 40)"
                failed=1
        fi
}
# entry NAME JSON: a file of one entry.
entry() {
        printf '[%s]\n' "$2" >"$folder/$1.json"
}

expect 0 '^[0-9]{3,} passed, 0 failed$' "$root"/packs/*/cases/*.json
if [ -e "$root/../shared/domain/rules-examples.json" ]; then
        expect 0 '^103 passed, 0 failed$' "$root/../shared/domain/rules-examples.json"
        expect 0 '^not runnable idx-binzhou: ' "$root/../shared/domain/rules-examples.json"
        expect 0 '^expected not to reproduce ret-bad-alaric: ' "$root/../shared/domain/rules-examples.json"
else
        echo "skipped: ../shared/domain/rules-examples.json is not there"
fi

ok='"id": "x", "scheme": "unemployment", "inputs": {"contribution_months": 60}'
entry right "{$ok, \"expected\": {\"max_months\": 18}, \"status\": \"published; reproduces\"}"
expect 0 '^1 passed, 0 failed$' "$folder/right.json"
entry wrong "{$ok, \"expected\": {\"max_months\": 17}, \"status\": \"published; reproduces\"}"
expect 1 '^FAIL x: max_months: expected 17, computed "18"$' "$folder/wrong.json"
fen='"id": "x", "scheme": "contribution-flex", "inputs": {"base": "7162", "rate": "0.20"}, "expected": {"amount": "1432.41"}'
entry fen "{$fen, \"verified\": \"verified (to 0.01: amount)\"}"
expect 0 '^1 passed, 0 failed$' "$folder/fen.json"
entry fen "{$fen, \"verified\": \"verified (to 0.01: basic)\"}"
expect 1 '^FAIL x: amount: expected "1432.41", computed "1432.4' "$folder/fen.json"
entry differs "{$ok, \"expected\": {\"max_months\": 17}, \"status\": \"published; does not reproduce\"}"
expect 0 '^expected not to reproduce x: max_months: expected 17' "$folder/differs.json"
expect 0 '^0 passed, 0 failed$' "$folder/differs.json"
entry unsaid "{$ok, \"expected\": {\"max_months\": 17}, \"verified\": \"does not reproduce, because\"}"
expect 0 '^expected not to reproduce x: ' "$folder/unsaid.json"
entry agrees "{$ok, \"expected\": {\"max_months\": 18}, \"status\": \"published; does not reproduce\"}"
expect 1 '^FAIL x: it reproduces' "$folder/agrees.json"
entry figure "{$ok, \"expected\": {\"colour\": 18}, \"status\": \"published; does not reproduce\"}"
expect 1 '^FAIL x: colour: no mapping' "$folder/figure.json"
entry nothing "{$ok, \"expected\": {}}"
expect 1 '^FAIL x: expected: nothing is expected$' "$folder/nothing.json"
entry scheme '{"id": "x", "scheme": "tea", "inputs": {}, "expected": {"a": 1}}'
expect 1 '^FAIL x: scheme: it is not known.*\(tea\)$' "$folder/scheme.json"
expect 1 '^0 passed, 1 failed$' "$folder/scheme.json"
entry words '{"id": "x", "scheme": "pension-index", "province": "hunan", "inputs": {"yearly_records": "30 rows"}, "expected": {"avg_index": "1"}}'
expect 0 '^not runnable x: avg_index: yearly_records is given only in words$' "$folder/words.json"
entry missing '{"id": "x", "scheme": "work-injury", "province": "gansu", "inputs": {"own_wage": 1, "grade": 5}, "expected": {"medical_subsidy": "1"}, "status": "does not reproduce"}'
expect 1 '^FAIL x: medical_subsidy: The pack cn-gansu has no figure for the parameter injury_' "$folder/missing.json"
entry place '{"id": "x", "scheme": "pension-divisor", "province": "atlantis", "inputs": {"age": 60, "hat": "red"}, "expected": {"divisor": 139}}'
expect 0 '^note x: the input hat is not used$' "$folder/place.json"
printf '{}' >"$folder/object.json"
expect 1 'SB-0' "$folder/object.json"
printf '[' >"$folder/broken.json"
expect 1 'SB-0' "$folder/broken.json"
expect 1 'SB-0003' "$folder/absent.json"
exit $failed
