#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# sandboxed.sh SHEBAO: in its sandbox the server serves everything, as a browser asks for it: pages, sessions, search, letters as PDF with their
# fonts, attachments, the archive of its log, anchors, the key file beside the database; on PostgreSQL through its socket. It can start no
# program and open nothing else. No word of its log is a password, a token or an identity number; a password in an argument is refused.
set -uo pipefail
shebao=${1:?usage: sandboxed.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
. test/support/pg.sh
export LC_ALL=C.UTF-8
export ASAN_OPTIONS=detect_leaks=0 # the search for leaks traces the process from a second one
dir=$(mktemp -d /tmp/shebao-sandboxed-XXXXXX)
chmod 755 "$dir"
pid=
cleanup() {
        [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
        [ ! -d "$dir/pg/data" ] || pg_stop "$dir/pg" 2>/dev/null
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
mkdir -p "$dir/place" "$dir/web"
echo '<!doctype html><title>shebao</title>' >"$dir/web/index.html"
mode=must
python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)' || { mode=on; echo "the kernel has no Landlock: seccomp alone"; }

session() { # NAME URL OPTION…
        local name=$1 url=$2
        shift 2
        "$shebao" serve --db "$url" --port 0 --web "$dir/web" --pack packs/demo --sandbox $mode --log debug "$@" >"$dir/out.$name" 2>"$dir/log.$name" &
        pid=$!
        for _ in $(seq 400); do grep -qs serves "$dir/out.$name" && break; kill -0 $pid 2>/dev/null || break; sleep 0.1; done
        grep -qs serves "$dir/out.$name" || { fault "$name: $(tail -3 "$dir/log.$name")"; return; }
        grep -q '^Seccomp:[[:space:]]*2' /proc/$pid/status && grep -q '^NoNewPrivs:[[:space:]]*1' /proc/$pid/status || fault "$name: no sandbox"
        python3 test/cmd/sandboxed.py "$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$dir/out.$name" | head -1)" >"$dir/told.$name" 2>&1 || fault "$name: $(tail -5 "$dir/told.$name")"
        sleep 1.5
        kill -TERM $pid
        wait $pid || fault "$name: it did not end well: $(tail -3 "$dir/log.$name")"
        pid=
        if grep -E '"level":"error"|denied|Permission' "$dir/log.$name"; then fault "$name: the log has an error"; fi
        while read -r kind secret; do
                [ ${#secret} -ge 8 ] || continue
                if grep -qF -- "$secret" "$dir/log.$name" "$dir/out.$name"; then fault "$name: the log tells a $kind"; fi
        done < <(sed -n 's/^secret //p' "$dir/told.$name")
        [ "$(grep -c '^secret ' "$dir/told.$name")" -ge 4 ] || fault "$name: the session told no secrets to look for"
}

"$shebao" demo --db "sqlite:$dir/place/a.db" --persons 60 --seed 5 >/dev/null 2>&1 || { echo "no city"; exit 1; }
session sqlite "sqlite:$dir/place/a.db" --archive "$dir/backups" --backup-key "$dir/backup.key" --anchors "$dir/place/anchors"
[ -s "$dir/place/anchors" ] || fault "no anchor was written"
ls "$dir"/backups/copies/*.copy >/dev/null 2>&1 || fault "no copy was made"
if pg_make "$dir/pg" 2>/dev/null; then
        url=$(pg_url "$dir/pg" city)
        "$shebao" demo --db "$url" --persons 60 --seed 5 >/dev/null 2>&1 || fault "no city on PostgreSQL"
        session postgresql "$url" --files "$dir/pgfiles"
else
        echo "PostgreSQL is not on this machine: its socket was not tried"
fi

for url in postgresql://me:hidden-word@host/db "postgresql:///db?host=/tmp&password=hidden-word" postgres://me:hidden-word@host/db; do
        for command in "serve --port 0" audit export doctor "backup --to $dir/x --backup-key $dir/k" work; do
                # shellcheck disable=SC2086 # words
                out=$("$shebao" $command --db "$url" 2>&1) && fault "$command took a password"
                grep -q SB-0907 <<<"$out" || fault "$command: $out"
                grep -q hidden-word <<<"$out" && fault "$command repeats the password"
        done
done
[ $failed -eq 0 ] && echo "sandboxed: everything is served"
exit $failed
