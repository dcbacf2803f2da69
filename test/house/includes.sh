#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# includes.sh ROOT: holds every #include below ROOT/src and ROOT/cmd against the matrix in ROOT/test/house:
# includes.csv says which folders a folder may include (its own always; the longest folder that fits counts),
# libraries.csv in which floors alone a library's header may appear. Exit 1 with a line for each fault.
set -euo pipefail
root=${1:?usage: includes.sh ROOT}
cd "$root"

list() { find src cmd -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' \) 2>/dev/null | LC_ALL=C sort; }
[ -n "$(list | head -1)" ] || { echo "includes.sh: no source below $root" >&2; exit 2; }

list | xargs grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null |
        awk -v matrix=test/house/includes.csv -v libraries=test/house/libraries.csv '
function below(path, folder) { return path == folder || index(path, folder "/") == 1 }
function below_any(path, folders,    n, f, i) {
        n = split(folders, f, " ")
        for (i = 1; i <= n; i++)
                if (below(path, f[i])) return 1
        return 0
}
function row_of(folder) {
        while (!(folder in may)) {
                if (!match(folder, /\/[^\/]*$/)) return ""
                folder = substr(folder, 1, RSTART - 1)
        }
        return folder
}
function fault(text) { print place ": " text; faults++ }
BEGIN {
        while ((getline line < matrix) > 0) { split(line, f, ","); if (n_rows++) may[f[1]] = f[2] }
        while ((getline line < libraries) > 0) { split(line, f, ","); if (n_libraries++) only[f[1]] = f[2] }
        if (n_rows < 2 || n_libraries < 2) { print "includes.sh: the matrix is missing"; exit_code = 2; exit 2 }
}
{
        split($0, part, ":")
        place = part[1] ":" part[2]
        folder = part[1]
        sub(/\/[^\/]*$/, "", folder)
        sub(/^src\//, "", folder)
        if (match($0, /<[^>]*>/)) {
                header = substr($0, RSTART + 1, RLENGTH - 2)
                for (l in only)
                        if (index(header, l) == 1 && !below_any(folder, only[l]))
                                fault("<" header "> belongs to " only[l] " alone")
                next
        }
        if (!match($0, /"[^"]*"/)) next
        header = substr($0, RSTART + 1, RLENGTH - 2)
        if (header ~ /\.\./) { fault("write \"" header "\" from src/, without ..") ; next }
        if (header !~ /\//) next
        row = row_of(folder)
        if (row == "") { fault("no row of test/house/includes.csv speaks of " folder); next }
        if (below(header, row)) next
        if (below_any(header, may[row])) next
        fault(row " may not include \"" header "\"")
}
END {
        if (exit_code) exit exit_code
        if (NR == 0) { print "includes.sh: no #include was found"; exit 2 }
        exit faults > 0
}'
