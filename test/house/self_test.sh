#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# self_test.sh ROOT: shows that the checks of the house can fail: each fault alone, put into a small tree that
# is clean without it, must be found where it was put.
set -euo pipefail
root=$(readlink -f "${1:?usage: self_test.sh ROOT}")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

clean_tree() {
        rm -rf "$tree"
        mkdir -p "$tree"/{src/{base,store,engine/{feel,dmn},pack,ledger,case,office/{registry,pension,audit},http},cmd,test}
        cp -r "$root/test/house" "$tree/test/"
        printf '%s\n' 'SB_ERROR(SB_NONE, 1, 500, "None.", "无。")' 'SB_ERROR(SB_TWO, 2, 500, "{0} {1}", "{1}{0}")' |
                sed '1i /* SPDX-License-Identifier: Apache-2.0 */' >"$tree/src/base/error_codes.def"
        printf '/* SPDX-License-Identifier: Apache-2.0 */\n#include "base/error.h"\n#include <stdio.h>\n' |
                tee "$tree"/src/{base,store,engine/feel,engine/dmn,pack,ledger,case,http}/a.c \
                        "$tree"/src/office/{registry,pension,audit}/a.c "$tree"/cmd/a.c >/dev/null
}

# expect CHECK FILE:LINE TEXT: the check fails and says the text at that place.
expect() {
        local out rc=0
        out=$("$root/test/house/$1.sh" "$tree" 2>/dev/null) || rc=$?
        if [ $rc -ne 1 ] || ! grep -qF "$2: " <<<"$out" || ! grep -qF "$3" <<<"$out" ||
                [ "$(grep -c . <<<"$out")" -ne 1 ]; then
                printf 'FAILED: %s did not say only “%s: … %s” but (%d): %s\n' "$1" "$2" "$3" $rc "$out"
                failed=1
        fi
}

# fault CHECK FILE TEXT LINE: LINE at the end of FILE is found.
fault() {
        clean_tree
        printf '%s\n' "$4" >>"$tree/$2"
        expect "$1" "$2:4" "$3"
}

clean_tree
for check in includes source raises; do
        "$root/test/house/$check.sh" "$tree" 2>/dev/null || { echo "FAILED: $check on a clean tree"; failed=1; }
done

fault includes src/base/a.c 'base may not include' '#include "store/store.h"'
fault includes src/store/a.c 'store may not include' '  #  include "case/case.h"'
fault includes src/engine/feel/a.c 'engine/feel may not include' '#include "engine/dmn/dmn.h"'
fault includes src/engine/dmn/a.c 'engine/dmn may not include' '#include "pack/pack.h"'
fault includes src/pack/a.c 'pack may not include' '#include "store/store.h"'
fault includes src/ledger/a.c 'ledger may not include' '#include "office/office.h"'
fault includes src/case/a.c 'case may not include' '#include "ledger/ledger.h"'
fault includes src/office/audit/a.c 'office/audit may not include' '#include "ledger/ledger.h"'
fault includes src/office/registry/a.c 'office/registry may not include' '#include "office/pension/pension.h"'
fault includes src/office/registry/a.c 'without ..' '#include "../pension/pension.h"'
fault includes src/http/a.c 'belongs to store alone' '#include <sqlite3.h>'
fault includes src/case/a.c 'belongs to store' '#include <libpq-fe.h>'
fault includes cmd/a.c 'belongs to base http office/signin alone' '#include <sodium.h>'
fault source src/base/a.c 'strcpy() is banned' 'x = strcpy (a, b);'
fault source src/base/a.c 'system() is banned' '/* run */ system("ls"); /* it'
fault source src/base/a.c 'a tab' $'\tx;'
fault source src/base/a.c 'blanks at the end' 'x; '
fault source src/base/a.c 'TODO' '/* TODO later */'
fault source src/base/a.c 'a path of one machine' 'const char *p = "/home/me/x";'
fault raises src/base/a.c 'SB_TWO has 2 placeholders, but 1' 'error_raise(err, SB_TWO, "%s", x);'
fault raises src/base/a.c 'SB_TWO has 2 placeholders, but 3' 'return error_raise_soft(err, SB_TWO, "%s|" "%s|%d", x, y, 1);'
fault raises cmd/a.c 'SB_NONE has 0 placeholders, but 2' $'error_raise(err,\n    SB_NONE, ERROR_BOTH("a", "b") "|%s", x);'

clean_tree
sed -i 1d "$tree/src/base/a.c"
if "$root/test/house/source.sh" "$tree" >/dev/null; then
        echo "FAILED: a file without SPDX line"
        failed=1
fi

# What looks like a fault and is none.
clean_tree
cat >>"$tree/src/base/a.c" <<'OK'
/* strcpy(a, b) is what
 * system("x") people used */
const char *s = "sprintf(\"x\")", c = '"';
localtime_r(a, b);
error_raise(err, SB_NONE, "%s", "");
error_raise(err, SB_TWO, ERROR_BOTH("a|b", "c|d") "|%s",
            "x|y|z");
OK
printf '#include "office/office.h"\n#include "office/registry/registry.h"\n' >>"$tree/src/office/pension/a.c"
printf '#include "engine/feel/feel.h"\n' >>"$tree/src/engine/dmn/a.c"
for check in includes source raises; do
        "$root/test/house/$check.sh" "$tree" || { echo "FAILED: $check finds faults where there are none"; failed=1; }
done
exit $failed
