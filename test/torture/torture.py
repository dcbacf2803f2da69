#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# torture.py BUILD [--only REGEX] [--inside REGEX] [--seconds N] [--jobs N]: through the unit tests of a build with SHEBAO_TORTURE, the seeds of
# the fuzz targets and the commands named below, lets every place that allocates, reads, writes, opens or asks a database fail once, each in a run of its own
# of the quickest that reaches it. A place is the
# kind of call and the two lines of the product that it is done for: the nearest callers that are no helpers of base or store (there: three
# callers). A test may answer a failing call by failing itself: its expectation is not met. What it
# may not do is crash, trip a sanitizer, or hang; then the place and its trace are told, and the exit code is 1.
import argparse, concurrent.futures, glob, json, os, re, signal, subprocess, sys, tempfile, threading, time

SANITIZER = 66
ENV = dict(os.environ, ASAN_OPTIONS=f"exitcode={SANITIZER}:detect_leaks=0:allocator_may_return_null=1:handle_abort=0",
           UBSAN_OPTIONS=f"halt_on_error=1:exitcode={SANITIZER}:print_stacktrace=1")
# Tests that end their own process, count allocations themselves, or measure randomness.
LEFT_OUT = {"test_base_torture", "test_case_faults", "test_base_rng", "test_store_fault", "fuzz_route"}
# What reads much and asks no database. The last three are of other projects, and may be missing.
COMMANDS = ["pack check packs/cn", "rules check packs/cn", "process check packs/cn/processes/*.bpmn", "manual --pack packs/demo --process P17 --format html --out BUILD/manual.html",
            "process test ../shared/conformance/bpmn", "process check ../shared/conformance/bpmn/constraints/*/*.bpmn",
            "rules test ../shared/conformance/dmn-tck"]

parser = argparse.ArgumentParser()
parser.add_argument("build")
parser.add_argument("--only", default=".")
parser.add_argument("--inside", default=".", help="only places in source files like this, as src/case")
parser.add_argument("--missing", help="gcovr's JSON: only places above which a branch was not reached yet")
parser.add_argument("--near", type=int, default=2, help="how many lines of the product tell a place from another")
parser.add_argument("--seconds", type=float, default=1e9, help="end after so long, and say how much is left")
parser.add_argument("--jobs", type=int, default=os.cpu_count())
parser.add_argument("--slowest", type=float, default=30, help="leave out tests that take longer, in seconds")
args = parser.parse_args()
began = time.time()
missing = {f["file"]: {l["line_number"] for l in f["lines"] if any(b["count"] == 0 for b in l["branches"])}
           for f in (json.load(open(args.missing))["files"] if args.missing else [])}


def programs():
    shown = json.loads(subprocess.check_output(["ctest", "--show-only=json-v1"], cwd=args.build))
    for test in shown["tests"]:
        command = test.get("command", [])
        unit = len(command) == 1 and "/test/" in command[0] or len(command) == 2 and "/fuzz/fuzz_" in command[0]
        if unit and test["name"] not in LEFT_OUT and re.search(args.only, test["name"]):
            env = {}
            for p in test["properties"]:
                if p["name"] == "ENVIRONMENT":
                    env = dict(v.split("=", 1) for v in p["value"])
            yield test["name"], command, {"SHEBAO_BINARY": env.get("SHEBAO_BINARY", "")}
    for line in COMMANDS:
        files = [f for word in line.replace("BUILD", args.build).split() for f in (sorted(glob.glob(word)) if "*" in word else [word])]
        if re.search(args.only, "shebao " + line) and all(os.path.exists(f) for f in files if f.startswith("../")):
            yield "shebao " + line, [os.path.abspath(f"{args.build}/shebao"), *files], {}


def run(program, more, limit):
    """Exit code (None: it hung) and what was said."""
    with tempfile.TemporaryFile() as said:
        p = subprocess.Popen(program, env=dict(ENV, **more), stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = p.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            code = None
        said.seek(0)
        return code, said.read().decode("utf-8", "replace")


def symbols(program, addresses):
    """(function, file:line) of each address."""
    asked = "\n".join("0x%x" % a for a in addresses)
    lines = subprocess.run(["addr2line", "-f", "-e", program[0]], input=asked, capture_output=True, text=True).stdout.split("\n")
    where = lambda l: re.sub(r"^.*?/(src|cmd|test|fuzz)/(?!.*/\1/)", r"\1/", l.split(" ")[0])
    return {a: (lines[2 * i], where(lines[2 * i + 1])) for i, a in enumerate(addresses)}


HELPERS = re.compile(r"src/(base|store)/|src/office/json\.h|src/case/answer\.")


def place_of(kind, chain):
    """What tells one failing call from another; None when it is of the test itself."""
    done_for = [c for c in chain if not HELPERS.match(c[1])]
    if done_for and not done_for[0][1].startswith("test/"):
        chain = done_for[:args.near]
    return None if chain[0][1].startswith(("test/", "fuzz/")) else (kind.split(".")[0], *(f"{f} {l}" for f, l in chain))


def wanted(place):
    """Is it inside what was asked for? The branch that answers a failing call stands behind it, a long statement's lines further."""
    if not re.search(args.inside, place[1]):
        return False
    lines = [l.rsplit(" ", 1)[1].rsplit(":", 1) for l in place[1:]]
    return not args.missing or any(int(n) + i in missing.get(f, ()) for f, n in lines if n.isdigit() for i in range(12))


def places_of(name, program, env):
    """The places that each test of a program reaches: (place, seconds, how to run it)."""
    with tempfile.TemporaryDirectory() as d:
        at = time.time()
        code, said = run(program, dict(env, SHEBAO_TORTURE=f"list:{d}/places"), 900)
        took = time.time() - at
        lines = [l.rstrip("\n").split(" ") for l in open(f"{d}/places")] if os.path.exists(f"{d}/places") else []
    if lines and lines[-1][0] != "test":  # no program of cmocka: all of it is one test
        lines.append(["test", str(took), ""])
        code = 0 if code in (0, 1) else code  # a command may find what it reads faulty
    if code != 0:
        left_out.append(f"{name}: exit code {code} without a failing call")
        return []
    around = max(0.0, took - sum(float(l[1]) for l in lines if l[0] == "test"))  # what the group sets up
    named = symbols(program, sorted({int(a, 16) - 1 for l in lines if l[0] != "test" for a in l[2:]}))
    out, since = [], []
    for l in lines:
        if l[0] == "test":
            test, cost = " ".join(l[2:]), around + float(l[1])
            out += [(place, cost, (name, program, test, key, env)) for place, key in since if cost <= args.slowest]
            since = []
        else:
            place = place_of(l[1], [named[int(a, 16) - 1] for a in l[2:]])
            if place is not None and wanted(place):
                since.append((place, l[0]))
    print(f"{name}: {len(out)} places in {took:.0f} s", file=sys.stderr, flush=True)
    return out


def fail_one(place, took, how):
    name, program, test, key, env = how
    if time.time() - began > args.seconds:
        return None
    code, said = run(program, dict(env, SHEBAO_TORTURE=f"fail:{key}", **({"SHEBAO_TORTURE_TEST": test} if test else {})), max(120, 20 * took))
    if code is not None and code >= 0 and code != SANITIZER:
        return ""
    what = "hung" if code is None else "tripped a sanitizer" if code == SANITIZER else f"ended by signal {-code}"
    trace = "\n".join(l for l in said.split("\n") if re.match(r"\s*#\d|.*ERROR: |.*runtime error|.*Assertion", l))[:2500]
    return f"{' < '.join(place)}\n  {name} {test} {key}: {what}\n{trace}\n"


left_out, cheapest = [], {}
with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
    for found in pool.map(lambda p: places_of(*p), list(programs())):
        for place, took, how in found:
            if place not in cheapest or took < cheapest[place][0]:
                cheapest[place] = (took, how)
    print(f"{len(cheapest)} places, each once: {sum(t for t, _ in cheapest.values()) / args.jobs / 60:.0f} minutes", flush=True)
    done = faults = 0
    order = sorted(cheapest.items(), key=lambda i: i[1][0])
    for answer in pool.map(lambda i: fail_one(i[0], *i[1]), order):
        if answer is None:
            continue
        done += 1
        if answer:
            faults += 1
            print(answer, flush=True)
        if done % 200 == 0:
            print(f"{done} of {len(cheapest)} after {time.time() - began:.0f} s, {faults} faults", file=sys.stderr, flush=True)
for line in left_out:
    print("left out: " + line)
print(f"{done} of {len(cheapest)} places failed in turn, {faults} of them badly")
sys.exit(1 if faults else 0)
