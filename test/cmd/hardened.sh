#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hardened.sh SHEBAO: the binary is position independent, its tables of addresses are read only, its stack is no code, and its functions
# watch over their stack.
set -euo pipefail
shebao=${1:?usage: hardened.sh SHEBAO}
failed=0
has() { # WHAT PATTERN TEXT
        grep -q -- "$2" <<<"$3" || { echo "FAILED: $1"; failed=1; }
}
has "position independent" 'DYN' "$(readelf -hW "$shebao" | grep Type:)"
has "relocations read only" 'GNU_RELRO' "$(readelf -lW "$shebao")"
has "bound at the start" 'BIND_NOW\|NOW' "$(readelf -dW "$shebao")"
has "no code on the stack" 'GNU_STACK .* RW ' "$(readelf -lW "$shebao")"
has "stack protector" '__stack_chk_fail' "$(readelf -sW "$shebao")"
[ $failed -eq 0 ] && echo "hardened.sh: passed"
exit $failed
