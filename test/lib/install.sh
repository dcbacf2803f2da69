#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# install.sh BUILD SOURCE [FLAGS…]: install libshebao into an empty prefix; its examples build against what was installed, by
# pkg-config alone, and answer as the program does. FLAGS: of the compiler, as the library was built (sanitizers).
set -euo pipefail
build=${1:?usage: install.sh BUILD SOURCE [FLAGS…]} source=${2:?}
shift 2
prefix=$(mktemp -d /tmp/shebao-lib-XXXXXX)
trap 'rm -rf "$prefix"' EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
cmake --install "$build" --prefix "$prefix" >/dev/null
lib=$(dirname "$(find "$prefix" -name libshebao.so)")
sed -i "s|^prefix=.*|prefix=$prefix|" "$lib/pkgconfig/shebao.pc"
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
packs=$(pkg-config --variable=packs shebao)

# Nothing but the door is visible.
others=$(nm -D --defined-only "$lib/libshebao.so" | awk '{print $3}' | sed 's/@.*//' | grep -v '^shebao_' || true)
[ -z "$others" ] || fault "the library shows more than its header: $(head -3 <<<"$others" | tr '\n' ' ')"

# shellcheck disable=SC2046 # words
cc -std=c17 -Wall -Wextra -Werror "$source/example/decide.c" $(pkg-config --cflags --libs shebao) "$@" -o "$prefix/decide"
answer=$("$prefix/decide" "$packs/cn-hunan" male 1966-11-08) || fault "the C example"
grep -q '"month":"2027-05"' <<<"$answer" || fault "a man born in 1966-11 does not retire in 2027-05: $answer"
grep -q '全国人大常委会' <<<"$answer" || fault "the derivation names no article"
hash=$("$build/shebao" pack hash "$packs/cn-hunan" | grep -oE '[0-9a-f]{64}' | head -1)
grep -q "\"pack\":\"$hash\"" <<<"$answer" || fault "the answer does not say by which pack"
said=$("$prefix/decide" "$packs/cn-hunan" male 1966-02-30 2>&1) && fault "a day that does not exist was taken: $said"
said=$("$prefix/decide" "$packs/nowhere" male 1966-11-08 2>&1) && fault "a pack that does not exist was opened"
grep -q '^SB-[0-9]\{4\} ' <<<"$said" || fault "the error has no code: $said"

# Python, into which the sanitizers' library must be loaded first.
preload=
case "$*" in *-fsanitize=address*) preload=$(cc -print-file-name=libasan.so) ;; esac
answer=$(LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 python3 "$source/example/decide.py" "$lib/libshebao.so" "$packs/cn-hunan" male 1966-11-08) ||
        fault "the Python example: $answer"
grep -q '2027-05' <<<"$answer" || fault "Python answers otherwise: $answer"
[ $failed -eq 0 ] && echo "install.sh: passed"
exit $failed
