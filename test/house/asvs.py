# SPDX-License-Identifier: Apache-2.0
#
# asvs.py BUILD: the checklist doc/asvs.csv is whole and true: each requirement of level 2 has one row, each answer is yes (shown by something that
# exists), none (it does not apply; said why) or open (said why). A yes is shown by tests of ctest, web tests, documents or commands of ./dev.
import csv, json, os, re, subprocess, sys

# How many requirements of levels 1 and 2 each section of ASVS 4.0.3 has.
SECTIONS = {"1.1": 7, "1.2": 4, "1.4": 3, "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1, "1.11": 2, "1.12": 1, "1.14": 6, "2.1": 12, "2.2": 3, "2.3": 3, "2.4": 6, "2.5": 7,
            "2.6": 3, "2.7": 6, "2.8": 6, "2.9": 3, "2.10": 4, "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.7": 1, "4.1": 4, "4.2": 2, "4.3": 3, "5.1": 5, "5.2": 8, "5.3": 10,
            "5.4": 3, "5.5": 4, "6.1": 3, "6.2": 6, "6.3": 2, "6.4": 2, "7.1": 4, "7.2": 2, "7.3": 3, "7.4": 3, "8.1": 4, "8.2": 3, "8.3": 8, "9.1": 3, "9.2": 4, "10.2": 2, "10.3": 3,
            "11.1": 8, "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1, "13.1": 4, "13.2": 5, "13.3": 2, "13.4": 2, "14.1": 4, "14.2": 6, "14.3": 2, "14.4": 7, "14.5": 4}
build = sys.argv[1]
tests = {t["name"] for t in json.loads(subprocess.check_output(["ctest", "--show-only=json-v1"], cwd=build))["tests"]}
commands = set(re.findall(r"^(\./dev \w+)", subprocess.check_output(["./dev", "help"], text=True), re.M))
faults, counted, seen = [], {}, set()
for row in csv.DictReader(open("doc/asvs.csv", newline="")):
    name, answer, shown = row["asvs"], row["answer"], row["shown_by"]
    section = name.rsplit(".", 1)[0]
    counted[section] = counted.get(section, 0) + 1
    if name in seen:
        faults.append(f"{name} twice")
    seen.add(name)
    if not row["what"] or answer not in ("yes", "none", "open"):
        faults.append(f"{name}: what, or an answer that is none")
    if answer != "yes" and not row["how"]:
        faults.append(f"{name}: {answer} without a reason")
    if answer == "yes" and not shown:
        faults.append(f"{name}: yes, shown by nothing")
    for one in re.findall(r"\./\w+ \w+|\S+", shown):
        if one.startswith("web:"):
            known = os.path.exists("web/test/browser/" + one[4:])
        elif one.startswith("./"):
            known = one in commands
        else:
            known = one in tests or os.path.exists(one)
        if not known:
            faults.append(f"{name}: {one} does not exist")
for section in sorted(set(SECTIONS) | set(counted)):
    if SECTIONS.get(section) != counted.get(section):
        faults.append(f"section {section}: {counted.get(section, 0)} rows of {SECTIONS.get(section, 0)}")
for f in faults:
    print("FAILED: " + f)
print(f"{len(seen)} requirements: {len(faults)} faults")
sys.exit(1 if faults else 0)
