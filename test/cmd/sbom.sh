#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# sbom.sh SHEBAO: the bill of materials is CycloneDX 1.5 as its schema asks, names every library that the binary loads and every package that
# the web client ships, and is the same each time.
set -uo pipefail
shebao=${1:?usage: sbom.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
dir=$(mktemp -d /tmp/shebao-sbom-XXXXXX)
trap 'rm -rf "$dir"' EXIT
python3 deploy/sbom.py "$shebao" web/package-lock.json >"$dir/a.json" || { echo "sbom.py failed"; exit 1; }
python3 deploy/sbom.py "$shebao" web/package-lock.json >"$dir/b.json"
cmp "$dir/a.json" "$dir/b.json" || exit 1
python3 - "$dir/a.json" "$shebao" <<'P'
import json, re, subprocess, sys
o = json.load(open(sys.argv[1], encoding="utf-8"))
faults = []
def must(good, what):
    if not good:
        faults.append(what)
must(o["bomFormat"] == "CycloneDX" and o["specVersion"] == "1.5" and o["version"] >= 1, "head")
must(re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", o["serialNumber"]), "serialNumber")
must(set(o) <= {"bomFormat", "specVersion", "version", "serialNumber", "metadata", "components", "dependencies"}, "members")
allowed = {"type", "bom-ref", "name", "version", "publisher", "purl", "externalReferences", "properties", "hashes", "licenses", "group"}
length = {"SHA-256": 64, "SHA-512": 128}
parts = o["components"] + [o["metadata"]["component"]]
for p in parts:
    must(p["type"] in ("application", "library") and p["name"] and p["version"] and set(p) <= allowed, p)
    must("purl" not in p or re.fullmatch(r"pkg:(deb/debian|npm)/[^@\s]+@[^@\s]+", p["purl"]), p.get("purl"))
    for h in p.get("hashes", []):
        must(re.fullmatch("[0-9a-f]{%d}" % length[h["alg"]], h["content"]), p["name"])
    for l in p.get("licenses", []):
        must(set(l) == {"license"} and len(l["license"]) == 1, p["name"])
refs = [p["bom-ref"] for p in parts]
must(len(refs) == len(set(refs)), "a bom-ref twice")
must(all(set(d["dependsOn"]) | {d["ref"]} <= set(refs) for d in o["dependencies"]), "dependencies")
files = {x["value"] for p in parts for x in p.get("properties", []) if x["name"] == "shebao:file"} | {p["name"] for p in parts}
loaded = re.findall(r"(?:=> )?(/\S+\.so\S*)", subprocess.run(["ldd", sys.argv[2]], capture_output=True, text=True).stdout)
must(len(loaded) > 20 and all(x.rsplit("/", 1)[1] in files for x in loaded), "a library is missing")
names = {p["bom-ref"].split(":", 1)[1].rsplit("@", 1)[0] for p in parts if p["bom-ref"].startswith("npm:")}
wanted = json.load(open("web/package.json", encoding="utf-8")).get("dependencies", {})
must(wanted and set(wanted) <= names, set(wanted) - names)
print(*faults, sep="\n")
print(len(parts), "components")
sys.exit(bool(faults))
P
