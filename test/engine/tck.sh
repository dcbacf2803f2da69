#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tck.sh SHEBAO FOLDER: every case of the DMN community's suite that is there passes; skipped (77) without it.
set -uo pipefail
shebao=${1:?usage: tck.sh SHEBAO FOLDER} folder=${2:?}
if [ ! -d "$folder" ]; then
        printf 'skipped: there is no %s\n' "$folder"
        exit 77
fi
out=$("$shebao" rules test "$folder") || { printf '%s\n' "$out" | tail -40; exit 1; }
last=$(tail -1 <<<"$out")
printf '%s\n' "$last"
[[ $last =~ ^[1-9][0-9]*\ passed,\ 0\ failed$ ]]
