#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# coverage.py CSV [FILE…]: name, value, unit and bar of what gcovr counted; with files, the ten files of a floor that miss most.
import collections, csv, sys

BARS = {"lines": 85, "src/engine": 90, "src/ledger": 90, "src/store": 90, "src/case": 90}
sums, files = collections.defaultdict(lambda: [0, 0]), []
for row in csv.DictReader(open(sys.argv[1])):
    floor = "/".join(row["filename"].split("/")[:2]) if row["filename"].startswith("src/") else row["filename"].split("/")[0]
    total, reached = int(row["branch_total"]), int(row["branch_covered"])
    for name, n, m in (("lines", int(row["line_total"]), int(row["line_covered"])), (floor, total, reached)):
        sums[name][0] += n
        sums[name][1] += m
    files.append((total - reached, total, floor, row["filename"]))
missed = False
for name, (total, reached) in sorted(sums.items()):
    value, bar = 100 * reached / max(1, total), BARS.get(name)
    missed |= bar is not None and value < bar
    print("%-40s %14.1f %-8s %s" % (name if name == "lines" else "branches." + name, value, "%", f">={bar}" if bar else "-"))
for floor in sys.argv[2:]:
    for missing, total, _, name in sorted((f for f in files if f[2] == floor), reverse=True)[:10]:
        print(f"  {missing} of {total} branches missed in {name}")
sys.exit(missed)
