#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# conformance.sh SHEBAO DIR: the static rules against models written by others: each model below constraints/RULE is refused with
# that rule, each model of cases.json is accepted and leaves its trace. Exit 77 (skipped) where DIR is absent.
set -euo pipefail
shebao=${1:?usage: conformance.sh SHEBAO DIR}
dir=${2:?usage: conformance.sh SHEBAO DIR}
[ -d "$dir" ] || { echo "skipped: no conformance suite at $dir"; exit 77; }

faults=0 count=0
said=$("$shebao" process check "$dir"/constraints/*/*.bpmn) && { echo "models that break a rule are accepted"; faults=1; }
for model in "$dir"/constraints/*/*.bpmn; do
        rule=$(basename "$(dirname "$model")")
        count=$((count + 1))
        if ! grep -F "$model!" <<<"$said" | grep -q " $rule "; then
                echo "$model: not refused by $rule"
                faults=$((faults + 1))
        fi
done
mapfile -t sound < <(grep -o '"file": *"[^"]*"' "$dir/cases.json" | sed 's/.*"\([^"]*\)"$/\1/')
[ ${#sound[@]} -gt 50 ] || { echo "only ${#sound[@]} executable models found"; faults=$((faults + 1)); }
(cd "$dir" && "$shebao" process check "${sound[@]}") || faults=$((faults + 1))
"$shebao" process test "$dir" || faults=$((faults + 1))
echo "$count models that break a rule, ${#sound[@]} sound ones, $faults faults"
[ "$faults" = 0 ]
