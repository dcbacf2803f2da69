# SPDX-License-Identifier: Apache-2.0
#
# at_work.py SHEBAO URL [CASES]: clerks and reviewers work on new cases over HTTP while their server is killed again and
# again. Who gets no answer asks the same again under the same key. In the end each application is one case, each step was done once
# and by its person, each employer stands in the register once, and each letter has one number.
import collections, http.client, json, random, signal, subprocess, sys, threading, time

SHEBAO, URL = sys.argv[1:3]
CASES = int(sys.argv[3]) if len(sys.argv) > 3 else 16
PORT = random.randint(20000, 32000)
WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]  # GB 32100-2015
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
STEPS = ["accept", "review", "serve"]
over = threading.Event()
faults, opened, kills = [], {}, 0
end_at = time.time() + 240


def uscc(n):
    first = "91990101MB%07d" % n
    return first + ALPHABET[(31 - sum(ALPHABET.index(c) * w for c, w in zip(first, WEIGHTS)) % 31) % 31]


def serve():
    return subprocess.Popen([SHEBAO, "serve", "--db", URL, "--pack", "packs/demo", "--port", str(PORT), "--workers", "3"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Person:
    """Somebody at a desk: signs in again when the server does not know them any more, and asks the same until it is answered."""

    def __init__(self, login):
        self.login, self.cookie, self.csrf = login, "", ""

    def once(self, method, path, body, key):
        c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        head = {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        if key:
            head["Idempotency-Key"] = key
        c.request(method, path, None if body is None else json.dumps(body), head)
        r = c.getresponse()
        text = r.read()
        if path == "/api/session" and r.status == 200:
            self.cookie = r.headers["Set-Cookie"].split(";")[0]
            self.csrf = json.loads(text)["csrf"]
        return r.status, json.loads(text)

    def ask(self, method, path, body=None, key=None):
        while time.time() < end_at:
            try:
                status, said = self.once(method, path, body, key)
                if status == 401:
                    self.once("POST", "/api/session", {"login": self.login, "password": "demonstration"}, None)
                    continue
                if status not in (502, 503):
                    return status, said
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.05)
        raise SystemExit("no answer in time")


def opens(person, numbers):
    _, asked = person.ask("GET", "/api/processes/P01/form")
    papers = [{"material": p["material"], "state": "given"} for p in asked["papers"]]
    for n in numbers:
        form = {"name": "云山第%d茶厂" % n, "uscc": uscc(n), "industry": "C15", "bank_name": "云山银行"}
        status, said = person.ask("POST", "/api/cases", {"process": "P01", "form": form, "papers": papers}, "at-work-open-%d" % n)
        if status != 200:
            faults.append("case %d is not opened: %s" % (n, said))
        else:
            opened[n] = said["case"]


def works(login, numbers):
    person = Person(login)
    opens(person, numbers)
    while not over.is_set() and time.time() < end_at:
        status, said = person.ask("GET", "/api/tasks?state=open&limit=100")
        mine = [t for t in said.get("items", []) if t["case"] in set(opened.values())]
        random.shuffle(mine)
        for t in mine:
            told = {"decision": "approve"}
            if t["node"] == "serve":
                told.update(way="counter", reference="S%d" % t["id"], day=time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600)))
            status, said = person.ask("POST", "/api/tasks/%d/complete" % t["id"], {"outcome": told}, "at-work-%s-%d" % (login, t["id"]))
            if status not in (200, 403, 409, 422):
                faults.append("task %d: %d %s" % (t["id"], status, said))
        time.sleep(0.1)


def ended(auditor):
    states = collections.Counter()
    for case in list(opened.values()):
        status, file = auditor.ask("GET", "/api/cases/%d" % case)
        if file.get("incident"):
            faults.append("case %d stands still: %s" % (case, file["incident"]))
        states[file["state"]] += 1
    return len(opened) == CASES and states["done"] == CASES or bool(faults)


def examined(auditor):
    numbers = collections.Counter()
    for n, case in opened.items():
        _, file = auditor.ask("GET", "/api/cases/%d" % case)
        times = collections.Counter(x["node"] for x in file["history"])
        if max(times.values()) > 1 or not set(STEPS) <= set(times):
            faults.append("case %d went so: %s" % (case, dict(times)))
        if len({x.get("actor_display") for x in file["history"] if x["node"] in STEPS[:2]}) != 2:
            faults.append("case %d: one person accepted and reviewed it" % case)
        if not file.get("archive_number"):
            faults.append("case %d is not filed" % case)
        for d in file["documents"]:
            numbers[d["number"]] += 1
        _, found = auditor.ask("POST", "/api/search", {"q": uscc(n)})
        if len([x for x in found["items"] if x["kind"] == "employer"]) != 1:
            faults.append("employer %d stands in the register so: %s" % (n, found["items"]))
    _, said = auditor.ask("GET", "/api/cases?process=P01&limit=200")
    begun = [x["id"] for x in said["items"] if x["id"] >= min(opened.values())]
    if sorted(begun) != sorted(opened.values()):
        faults.append("opened are %s, there are %s" % (sorted(opened.values()), sorted(begun)))
    for number, times in numbers.items():
        if number and times > 1:
            faults.append("the number %s was given %d times" % (number, times))
    if len(numbers) < CASES:
        faults.append("%d letters for %d cases" % (len(numbers), CASES))


server = serve()
half = list(range(CASES))
people = [("clerk", half[: CASES // 2]), ("clerk", half[CASES // 2 :]), ("reviewer", []), ("reviewer2", [])]
threads = [threading.Thread(target=works, args=p, daemon=True) for p in people]
for t in threads:
    t.start()
auditor = Person("auditor")
try:
    while time.time() < end_at:
        time.sleep(random.uniform(0.3, 1.5))
        if kills < 16:
            server.kill()
            server.wait()
            kills += 1
            server = serve()
        if kills % 4 == 0 and ended(auditor):
            break
    else:
        faults.append("not all cases ended: %d opened" % len(opened))
    over.set()
    for t in threads:
        t.join(40)
    if not faults:
        examined(auditor)
finally:
    server.send_signal(signal.SIGTERM)
    server.wait()
print("\n".join(faults[:10]) if faults else "%d cases, the server killed %d times" % (CASES, kills))
sys.exit(1 if faults else 0)
