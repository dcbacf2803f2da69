# SPDX-License-Identifier: Apache-2.0
#
# sbom.py BINARY [LOCK]: what a release is made of, as CycloneDX 1.5 JSON on standard output: the Debian packages of the libraries that the
# binary loads, with their exact versions, and the npm packages of the web client from its lock (not those that only build it).
import base64, hashlib, json, os, re, subprocess, sys, uuid


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def debian(binary):
    """The packages of the libraries, also those that are loaded by a library."""
    paths = set(re.findall(r"(?:=> )?(/\S+\.so\S*)", run("ldd", binary)))
    found, lost = {}, []
    for path in sorted(paths):
        said = ""
        for name in dict.fromkeys((path, os.path.realpath(path), path.replace("/lib/", "/usr/lib/", 1), "/usr" + path)):
            said = run("dpkg-query", "-S", name)
            if said:
                break
        if not said:
            lost.append(path)
            continue
        package = said.split(": ")[0].split(",")[0].strip()
        found.setdefault(package, []).append(path)
    for package in sorted(found):
        version, arch, source, home, maintainer = run("dpkg-query", "-W", "-f", "${Version}\t${Architecture}\t${source:Package}\t${Homepage}\t${Maintainer}",
                                                      package).split("\t")
        name = package.split(":")[0]
        yield {"type": "library", "bom-ref": f"deb:{name}", "name": name, "version": version, "publisher": maintainer,
               "purl": f"pkg:deb/debian/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={arch}",
               **({"externalReferences": [{"type": "website", "url": home}]} if home else {}),
               "properties": [{"name": "shebao:source", "value": source}] + [{"name": "shebao:file", "value": os.path.basename(x)} for x in found[package]]}
    for path in lost:  # of no package: said, not left out
        yield {"type": "library", "bom-ref": f"file:{path}", "name": os.path.basename(path), "version": "unknown",
               "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(open(path, "rb").read()).hexdigest()}]}


def npm(lock):
    seen = set()
    for path, p in sorted(json.load(open(lock, encoding="utf-8"))["packages"].items()):
        if not path or p.get("dev") or p.get("link") or "version" not in p:
            continue
        name = path.rsplit("node_modules/", 1)[1]
        ref = f"npm:{name}@{p['version']}"
        if ref in seen:
            continue
        seen.add(ref)
        group, _, short = name.rpartition("/")
        one = {"type": "library", "bom-ref": ref, "name": short, "version": p["version"],
               "purl": f"pkg:npm/{name.replace('@', '%40')}@{p['version']}"}
        if group:
            one["group"] = group
        if p.get("license"):
            one["licenses"] = [{"license": {"name": p["license"]}}]
        if p.get("integrity", "").startswith("sha512-"):
            one["hashes"] = [{"alg": "SHA-512", "content": base64.b64decode(p["integrity"][7:]).hex()}]
        yield one


binary = sys.argv[1]
version = run(binary, "version").split()[-1]
parts = list(debian(binary)) + (list(npm(sys.argv[2])) if len(sys.argv) > 2 else [])
digest = hashlib.sha256(open(binary, "rb").read()).hexdigest()
json.dump({
    "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
    "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, digest + json.dumps(parts, sort_keys=True))),
    "metadata": {"component": {"type": "application", "bom-ref": "shebao", "name": "shebao", "version": version,
                               "licenses": [{"license": {"id": "Apache-2.0"}}], "hashes": [{"alg": "SHA-256", "content": digest}]}},
    "components": parts,
    "dependencies": [{"ref": "shebao", "dependsOn": [x["bom-ref"] for x in parts]}],
}, sys.stdout, indent=1, ensure_ascii=False, sort_keys=True)
print()
