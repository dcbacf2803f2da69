#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# layout.sh BINARY ROOT: the two example layouts of the demonstration on files: written, read equal, and refused with the place.
set -euo pipefail
binary=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
pack=$root/packs/demo
fail() { echo "layout.sh: $*" >&2; exit 1; }

cat > values.json <<'JSON'
{"header":{"message":"DEMO-R12F1","pay_day":"2026-12-05","payer_account":"9900010000000001"},
 "lines":[{"reference":"R12A345","account":"6200000000000001","name":"张三","amount":123450}],"trailer":{}}
JSON
"$binary" layout write --pack "$pack" demo.fixed values.json --out payment.txt
[ "$(iconv -f gb18030 -t utf-8 payment.txt | grep -c '^D00000001R12A345 .*张三')" = 1 ] || fail "the line is not what was given"
"$binary" layout read --pack "$pack" demo.fixed payment.txt > read.json
grep -q '"amount":123450' read.json && grep -q '"name":"张三"' read.json && grep -q '"total":123450' read.json || fail "it is not read as it was written"
[ "$("$binary" layout write --pack "$pack" demo.fixed values.json | cksum)" = "$(cksum < payment.txt)" ] || fail "stdout and --out differ"

printf 'R1A2|100|00\nR1A3|50|41\n2|150\n' > return.txt
"$binary" layout read --pack "$pack" demo.return return.txt | grep -q '"result":"AC04"' || fail "the code of the bank is not ours"
printf 'R1A2|100|00\nR1A3|50|99\n3|150\n' > return.txt
! LANG=C "$binary" layout read --pack "$pack" demo.return return.txt > none 2> told || fail "an unknown code was read"
grep -q 'SB-0249 .*Result.*line 2:3' told && [ ! -s none ] || fail "the fault is not told: $(cat told)"
! LANG=C "$binary" layout read --pack "$pack" demo.none return.txt 2> told || fail "a layout that is not there"
grep -q SB-0240 told || fail "$(cat told)"
