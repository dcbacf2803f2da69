#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# rules_doc.sh SHEBAO ROOT: what doc/rules.md tells an official to write works as it says.
set -uo pipefail
shebao=${1:?usage: rules_doc.sh SHEBAO ROOT}
root=${2:?usage: rules_doc.sh SHEBAO ROOT}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
unset LC_ALL LC_MESSAGES

cp -r "$root/packs" "$folder/"
hunan=$folder/packs/cn-hunan
mkdir -p "$hunan/rules"
sed -n '/^    <definitions /,/^    <\/definitions>/s/^    //p' "$root/doc/rules.md" >"$hunan/rules/pension.dmn"
sed -n '/^    \[{"id"/,/}\]$/s/^    //p' "$root/doc/rules.md" >"$hunan/cases/long.json"
sed -n 's/^    \(long_service_years,\|extra_amount,\)/\1/p' "$root/doc/rules.md" >"$folder/rows"
cat "$folder/rows" >>"$hunan/parameters/pension.csv"
[ "$(wc -l <"$folder/rows")" -eq 3 ] && [ -s "$hunan/rules/pension.dmn" ] && [ -s "$hunan/cases/long.json" ] ||
        { echo "FAILED: the page no longer shows rows, rule and example"; exit 1; }

# expect PATTERN COMMAND…: what it says has a line of that pattern.
expect() {
        local pattern=$1 out
        shift
        out=$("$shebao" "$@" 2>&1)
        grep -qE -- "$pattern" <<<"$out" || { printf 'FAILED: %s without “%s”: %s\n' "$*" "$pattern" "$(cut -c1-300 <<<"$out" | tail -n 8)"; failed=1; }
}
expect '^1 models, 0 errors, 0 warnings, 0 notes$' rules check "$hunan"
expect ' 0 errors, ' pack check --errors "$hunan"
expect '^1 passed, 0 failed$' rules examples --packs "$folder/packs" "$hunan/cases/long.json"
expect '^[0-9]+ passed, 0 failed$' rules examples --packs "$folder/packs" "$hunan"/cases/*.json
# The derivation of a pack's own rule: the part of it, the figure with its source.
given='{"calc_base":"7694","avg_index":"0.7463","years":"37.42","transition_years":"8.25","balance":"78885.37","divisor_months":"139"}'
for line in '"extra": "35' '"source": "湘人社发〔20XX〕X号 三"' '"value": "5"'; do
        expect "$line" rules eval "$hunan/rules/pension.dmn" --decision parts --day 2026-03-01 --input "$given" --explain
done
expect '"extra": "0' rules eval "$hunan/rules/pension.dmn" --decision parts --day 2025-03-01 --input "$given"
expect 'SB-0205 ' rules eval "$hunan/rules/injury.dmn" --decision ending_subsidies --day 1999-01-01 --input '{"own_wage":"1","grade":"5"}'
expect 'SB-0225 ' rules eval "$hunan/rules/tea.dmn" --decision tea
expect 'SB-0321 ' rules eval "$hunan/rules/pension.dmn" --decision tea
sed -i '/kind=long,0,/d' "$hunan/parameters/pension.csv"
expect '^FAIL .* no figure for the parameter extra_amount \(kind=long\) on 2025-' rules examples --packs "$folder/packs" "$hunan"/cases/*.json
sed -i 's/parameters\.long_service_years(d)/30/' "$hunan/rules/pension.dmn"
expect 'extra_of SB-0360 The figure 30 is written in the rule; make it a parameter' rules check "$hunan"
exit $failed
