#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# dispatch.sh SHEBAO: the binary's help, its exit codes, its language, and what it says when it cannot write.
set -uo pipefail
shebao=${1:?usage: dispatch.sh SHEBAO}
unset LC_ALL LC_MESSAGES
failed=0

# expect CODE PATTERN COMMAND…: it exits with CODE, and what it says has a line that fits PATTERN.
expect() {
        local code=$1 pattern=$2 out rc=0
        shift 2
        out=$("$@" 2>&1 </dev/null) || rc=$?
        if [ $rc -ne "$code" ] || ! grep -qE -- "$pattern" <<<"$out"; then
                printf 'FAILED: “%s” gave %d, not %d with “%s”: %s\n' "$*" $rc "$code" "$pattern" "$out"
                failed=1
        fi
}

expect 2 '^  shebao version$' "$shebao"
for help in help --help -h; do
        expect 0 '^  shebao errors \[--lang en\|zh\]$' "$shebao" $help
done
expect 0 '^version: ' "$shebao" help version
expect 2 'SB-0900 .*“nonsense”' "$shebao" help nonsense
expect 2 'SB-0900 There is no command “nonsense”' env LANG=C.UTF-8 "$shebao" nonsense
expect 2 'SB-0900 没有命令“nonsense”' env LANG=zh_CN.UTF-8 "$shebao" nonsense
expect 2 'SB-0900 没有命令' env LANG=C LC_ALL=zh_CN.GB18030 "$shebao" nonsense
expect 0 '^shebao [0-9]+\.[0-9]+\.[0-9]+$' "$shebao" version
expect 0 '^shebao [0-9]' "$shebao" --version
expect 2 '^  shebao version$' "$shebao" version extra
expect 0 '^\| SB-0001 \| SB_MEMORY \| 500 \| Out of memory\. \| 内存不足。 \|$' "$shebao" errors
expect 0 '^\| SB-0001 \| SB_MEMORY \| 500 \| 内存不足。 \|$' "$shebao" errors --lang zh
expect 2 'errors \[--lang' "$shebao" errors --lang fr
expect 1 'SB-0003 .*stdout' env LANG=C bash -c '"$1" errors >/dev/full' - "$shebao"
expect 2 'audit --db URL' "$shebao" audit
expect 1 'SB-0100 ' "$shebao" audit --db nonsense
expect 1 'SB-0101 ' "$shebao" audit --db sqlite:/nowhere/x.db
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
model=$(mktemp /tmp/shebao-process-XXXXXX.bpmn)
trap 'rm -f "$model"' EXIT
expect 0 '^[3-9] process models, 0 faults$' "$shebao" process check packs/cn/processes/P06.bpmn packs/cn/processes/P17.bpmn packs/cn/processes/P21.bpmn
expect 0 '^review.userTask.复审待遇.Review the computation.role reviewer.5 working days' "$shebao" process show packs/cn/processes/P17.bpmn
sed 's/role="approver"/role=""/' packs/cn/processes/P17.bpmn >"$model"
expect 1 "^error $model!approve line [0-9]+ SB-0400 " "$shebao" process check packs/cn/processes/P06.bpmn "$model"
sed 's/verb="pension.award"/verb="pension.gift"/' packs/cn/processes/P17.bpmn >"$model"
expect 1 "^error $model!execute line [0-9]+ SB-0441 " "$shebao" process check "$model"
expect 1 'SB-0003 ' "$shebao" process check /nowhere.bpmn
expect 2 'process check FILE' "$shebao" process
exit $failed
