#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# raises.sh ROOT: every error_raise of a registered code gives as many values (parts of its format between
# bars) as the text of the code has placeholders. Codes that nothing raises are told as hints.
set -euo pipefail
root=${1:?usage: raises.sh ROOT}
cd "$root"

mapfile -t files < <(find src cmd -type f -name '*.[ch]' | LC_ALL=C sort)
[ ${#files[@]} -gt 0 ] || { echo "raises.sh: no source below $root" >&2; exit 2; }

awk -v registry=src/base/error_codes.def '
function placeholders(text,    n) {
        for (n = 0; index(text, "{" n "}"); n++) ;
        return n
}
BEGIN {
        while ((getline line < registry) > 0) {
                if (line !~ /^SB_ERROR\(/) continue
                code = line
                sub(/^SB_ERROR\(/, "", code)
                sub(/,.*/, "", code)
                values[code] = placeholders(line)
                codes++
        }
        if (!codes) { print "raises.sh: " registry " has no codes"; bad = 2; exit 2 }
}
# One call, however many lines it has: its code, then the texts up to the next argument make the format.
function look(call, place,    code, fmt, bars, s) {
        if (!match(call, /SB_[A-Z0-9_]+[ ]*,[ ]*/)) return
        code = substr(call, RSTART, RLENGTH)
        sub(/[ ]*,[ ]*$/, "", code)
        fmt = substr(call, RSTART + RLENGTH)
        if (!(code in values) || fmt !~ /^("|ERROR_BOTH\()/) return
        bars = 0
        for (;;) {
                sub(/^[ ]+/, "", fmt)
                if (match(fmt, /^"([^"\\]|\\.)*"/)) {
                        s = substr(fmt, 1, RLENGTH)
                        bars += gsub(/\|/, "", s)
                        fmt = substr(fmt, RLENGTH + 1)
                } else if (match(fmt, /^ERROR_BOTH\("([^"\\]|\\.)*",[ ]*"([^"\\]|\\.)*"\)/)) {
                        fmt = substr(fmt, RLENGTH + 1)
                } else if (match(fmt, /^PRI[a-zA-Z0-9]+/)) {
                        fmt = substr(fmt, RLENGTH + 1)
                } else {
                        break
                }
        }
        if (bars + 1 != values[code] && !(bars == 0 && values[code] == 0)) {
                print place ": " code " has " values[code] " placeholders, but " bars + 1 " values are given"
                faults++
        }
}
FNR == 1 { call = "" }
{
        line = $0
        while (match(line, /SB_[A-Z0-9_]+/)) {
                seen[substr(line, RSTART, RLENGTH)] = 1
                line = substr(line, RSTART + RLENGTH)
        }
}
call == "" && /error_raise(_soft)?\(/ && !/^ \*|^\/\*/ { place = FILENAME ":" FNR; call = " " }
call != "" {
        line = $0
        sub(/^[ ]+/, "", line)
        call = call line
        if (line ~ /;/) { look(call, place); call = "" }
}
END {
        if (bad) exit bad
        for (code in values)
                if (!(code in seen)) print "hint: nothing raises " code > "/dev/stderr"
        exit faults > 0
}' "${files[@]}"
