#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# sim.sh SHEBAO: a line a seed; the same seed has the same digest, alone or among others; a wrong option is told.
set -uo pipefail
shebao=${1:?usage: sim.sh SHEBAO}
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }

out=$("$shebao" sim --seed 5 --seeds 2 --months 1 --jobs 2) || fault "two seeds: $out"
[ "$(grep -c '^seed [56] clean: 1 months' <<<"$out")" = 2 ] || fault "not a line a seed: $out"
digest=$(grep '^seed 5 ' <<<"$out" | grep -o 'digest [0-9a-f]*')
again=$("$shebao" sim --seed 5 --months 1 --trace) || fault "one seed: $again"
grep -q "$digest" <<<"$again" || fault "the same seed ran otherwise: $digest; $again"
grep -q '  2026-01-31: ' <<<"$again" || fault "a traced run tells no month"
"$shebao" sim --years 99 2>/dev/null && fault "99 years were simulated"
"$shebao" sim --nonsense 2>/dev/null && fault "a wrong option was taken"
exit $failed
