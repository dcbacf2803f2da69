#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# permissions.sh SHEBAO SOURCE: doc/permissions.csv is the matrix of every route; a pack that gives a duty of a route to nobody, or names a
# body, role or duty that there is not, is refused.
set -uo pipefail
shebao=${1:?usage: permissions.sh SHEBAO SOURCE} source=${2:?usage: permissions.sh SHEBAO SOURCE}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "$*"; failed=1; }

"$shebao" verbs --matrix "$source/packs/cn" >"$work/matrix.csv" || fail "no matrix"
diff -u "$source/doc/permissions.csv" "$work/matrix.csv" || fail "doc/permissions.csv is stale: ./dev format writes it anew"
[ "$(wc -l <"$work/matrix.csv")" -gt 150 ] || fail "a matrix of few routes is none"

# refused WHAT CODE: the child pack in $work/north is.
refused() {
        "$shebao" pack check --errors "$work/north" >"$work/said" 2>&1 && fail "$1: not refused"
        grep -q "$2" "$work/said" || { fail "$1: not $2"; cat "$work/said"; }
}
cp -r "$source/packs/cn" "$work/cn"
mkdir "$work/north"
echo '{"name":"north","title":{"zh":"北","en":"North"},"version":"1","parent":{"name":"cn"}}' >"$work/north/pack.json"
"$shebao" pack check --errors "$work/north" >"$work/said" 2>&1 || { fail "a child that says nothing is all right"; cat "$work/said"; }
grep -v '^payments.release,' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a duty that nobody has" "SB-0234.*payments.release"
sed 's/^payments.release,approver,social_insurance/payments.release,approver,social_insurence/' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a body that is none" SB-0234
sed 's/^payments.release,approver/payments.release,boss/' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a role that is none" SB-02
sed 's/^payments.release,/payments.relaese,/' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a duty that is none" SB-0234
sed 's/^\(payments.release,approver,social_insurance\),1-3/\1,3-1/' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "levels that are none" SB-0234
sed 's/^\(people.open,auditor,.*,\)audit /\1gossip /' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a purpose that is none" SB-0234
sed '/^payments.release,approver/{p}' "$work/cn/permissions.csv" >"$work/north/permissions.csv"
refused "a row twice" SB-0223
exit $failed
