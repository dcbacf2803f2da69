#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# source.sh ROOT: what the house asks of every C file and the compiler does not: no banned call, an SPDX line,
# no tabs, no blanks at line ends, no TODO, no path of one machine. Exit 1 with a line for each fault. Files
# over 700 and functions over 70 lines are told as hints, which fail nothing.
set -euo pipefail
root=${1:?usage: source.sh ROOT}
cd "$root"

list() {
        local folder folders=()
        for folder in src cmd test bench fuzz; do
                [ ! -d $folder ] || folders+=("$folder")
        done
        find "${folders[@]}" -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' -o -name '*.sh' \
                -o -name '*.sql' -o -name 'CMakeLists.txt' \) | LC_ALL=C sort
}
[ -n "$(list | head -1)" ] || { echo "source.sh: no source below $root" >&2; exit 2; }

faults=0
list | xargs awk '
BEGIN {
        n = split("strcpy strcat sprintf vsprintf gets atoi atol atoll strtok localtime gmtime asctime ctime " \
                  "system popen alloca gettimeofday setlocale", names, " ")
        for (i = 1; i <= n; i++) banned[names[i]] = 1
}
function fault(text) { print FILENAME ":" FNR ": " text; faults++ }
function hint(text) { print "hint: " text > "/dev/stderr" }
# The line without texts, characters and comments. A block comment may go on.
function code_of(s,    a, b) {
        gsub(/\\["\\]/, "", s)
        gsub(/"[^"]*"/, "\"\"", s)
        if (in_comment) {
                if (!(b = index(s, "*/"))) return ""
                s = substr(s, b + 2)
                in_comment = 0
        }
        while (a = index(s, "/*")) {
                b = index(substr(s, a), "*/")
                if (!b) { in_comment = 1; s = substr(s, 1, a - 1); break }
                s = substr(s, 1, a - 1) " " substr(s, a + b + 1)
        }
        sub(/\/\/.*/, "", s)
        return s
}
function end_file() {
        if (last == "") return
        if (!spdx) { print last ": no SPDX-License-Identifier: Apache-2.0 in its first lines"; faults++ }
        if (lines > 700) hint(last " has " lines " lines; split it by purpose")
}
FNR == 1 { end_file(); last = FILENAME; spdx = 0; in_comment = 0; open = 0; is_c = FILENAME ~ /\.[ch]$/ }
{ lines = FNR }
FNR <= 3 && /SPDX-License-Identifier: Apache-2\.0/ { spdx = 1 }
/\t/ { fault("a tab") }
/[ \t\r]$/ { fault("blanks at the end of the line") }
FILENAME !~ /source\.sh$|self_test\.sh$/ && /(TODO|FIXME)/ { fault("a TODO belongs to the issues") }
FILENAME !~ /source\.sh$|self_test\.sh$/ && /\/(work|home|root)\// { fault("a path of one machine") }
is_c {
        rest = code_of($0)
        while (match(rest, /[A-Za-z_][A-Za-z_0-9]*[ ]*\(/)) {
                name = substr(rest, RSTART, RLENGTH - 1)
                sub(/ +$/, "", name)
                if (name in banned) fault(name "() is banned")
                rest = substr(rest, RSTART + RLENGTH)
        }
        if (/^\{/) open = FNR
        if (/^\}/ && open) {
                if (FNR - open - 1 > 70) hint(FILENAME ":" open ": a function of " FNR - open - 1 " lines")
                open = 0
        }
}
END { end_file(); exit faults > 0 }' || faults=1
exit $faults
