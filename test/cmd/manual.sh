#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The manual of a pack: a chapter for each process, the same bytes each time, both languages, and it changes with the model.
#   manual.sh SHEBAO PACKS
set -euo pipefail
shebao=$1 packs=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$packs/cn" "$work/cn"

fail() {
        echo "manual: $*" >&2
        exit 1
}

for lang in zh-CN en; do
        "$shebao" manual --pack "$work/cn" --format html --lang $lang --out "$work/$lang.html" >/dev/null
done
"$shebao" manual --pack "$work/cn" --format html --lang en --out "$work/again.html" >/dev/null
cmp -s "$work/en.html" "$work/again.html" || fail "the same pack gave two different manuals"
for model in "$work"/cn/processes/P*.bpmn; do
        name=$(basename "$model" .bpmn)
        grep -q "$name" "$work/zh-CN.html" || fail "no chapter for $name in Chinese"
        grep -q "$name" "$work/en.html" || fail "no chapter for $name in English"
done
sed -i 's/shebao:titleEn="Review the computation"/shebao:titleEn="Award changed for the test"/' "$work/cn/processes/P17.bpmn"
"$shebao" manual --pack "$work/cn" --format html --lang en --out "$work/changed.html" >/dev/null
grep -q "Award changed for the test" "$work/changed.html" || fail "the model changed and the manual did not"
! grep -q "Award changed for the test" "$work/en.html" || fail "the words of the change were there before"
# What differs from an older copy of the pack stands in the chapter.
"$shebao" manual --pack "$work/cn" --format html --lang en --process P17 --since "$packs/cn" --out "$work/since.html" >/dev/null
grep -q "Step “Review the computation” is now called “Award changed for the test”" "$work/since.html" ||
        fail "the change of a title is not told"
"$shebao" manual --pack "$packs/cn" --format html --lang en --process P17 --since "$packs/cn" --out "$work/same.html" >/dev/null
grep -q "Nothing of this process differs" "$work/same.html" || fail "a pack differs from itself"
"$shebao" manual --pack "$work/cn" --format pdf --lang zh-CN --process P17 --out "$work/p17.pdf" >/dev/null
head -c 5 "$work/p17.pdf" | grep -q '%PDF-' || fail "no PDF"
if command -v pdftotext >/dev/null; then
        pdftotext "$work/p17.pdf" "$work/p17.txt"
        grep -q P17 "$work/p17.txt" || fail "the PDF does not name its process"
        # The same bytes each time, and the contents name the page on which a chapter begins.
        for i in 1 2; do
                "$shebao" manual --pack "$work/cn" --format pdf --lang zh-CN --day 2026-11-24 --out "$work/book$i.pdf" >/dev/null
        done
        cmp -s "$work/book1.pdf" "$work/book2.pdf" || fail "the same pack gave two different PDFs"
        pdftotext -layout "$work/book1.pdf" "$work/book.txt"
        awk 'BEGIN { RS = "\f" } {
                n = split($0, lines, "\n")
                for (i = 1; i <= n; i++) {
                        line = lines[i]
                        sub(/[ \r]+$/, "", line)
                        if (line ~ /^ *P[0-9]+$/) { sub(/^ */, "", line); begins[++chapters] = line " " NR }
                        else if (line ~ /^ *P[0-9]+ .* [0-9]+$/ && NR < 12) {
                                m = split(line, word, " ")
                                if (!(word[1] in told)) { told[word[1]] = 1; said[++lines_of] = word[1] " " word[m] }
                        }
                }
        } END {
                for (i = 1; i <= lines_of; i++) if (said[i] != begins[i]) { print "contents: " said[i] ", begins: " begins[i]; wrong = 1 }
                exit wrong || lines_of != 52 || chapters != 52
        }' "$work/book.txt" || fail "the contents name a page on which the chapter does not begin"
else
        echo "manual: the text of the PDF is not read, pdftotext is not here (skipped)"
fi
