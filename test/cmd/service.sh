#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# service.sh: the unit of systemd exposes at most 2.0 by `systemd-analyze security`, names only options that the program has, and no secret.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not on this machine: skipped"; exit 77; }
level=$(systemd-analyze security --offline=true --no-pager deploy/shebao.service 2>&1 | sed -n 's/.*Overall exposure level[^:]*: \([0-9.]*\).*/\1/p')
[ -n "$level" ] || { echo "no level"; exit 1; }
awk -v level="$level" 'BEGIN { exit !(level <= 2.0) }' || { echo "exposure $level"; exit 1; }
systemd-analyze verify --man=no deploy/shebao.service 2>&1 | grep -v 'not executable' | grep -i 'shebao.service' && exit 1
for option in $(sed -n '/^ExecStart/,/[^\\]$/p' deploy/shebao.service | grep -o -- '--[a-z-]*'); do
        grep -q -- "$option" cmd/commands.def || { echo "$option is no option of serve"; exit 1; }
done
if grep -iE '^[^#]*(password|secret)' deploy/shebao.service; then exit 1; fi
echo "exposure $level"
