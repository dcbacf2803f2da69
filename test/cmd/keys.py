# SPDX-License-Identifier: Apache-2.0
#
# keys.py SHEBAO: the master key changes twice while clerks register and open people over HTTP; nobody is refused anything, everybody is
# read afterwards, also by a server that starts anew, and the former keys are gone from the file.
import http.client, json, os, random, re, signal, subprocess, sys, tempfile, threading, time

SHEBAO = sys.argv[1]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]  # GB 11643
faults, people, lock, over = [], [], threading.Lock(), threading.Event()


def id_number(n):
    first = "990101%04d0%d%02d%03d" % (1950 + n % 50, 1 + n % 9, 1 + n % 28, n % 1000)
    return first + "10X98765432"[sum(int(a) * b for a, b in zip(first, WEIGHTS)) % 11]


class Person:
    def __init__(self, port, login):
        self.port, self.login, self.n, self.cookie, self.csrf, self.born = port, login, 0, "", "", time.time_ns()
        status, said, head = self.ask("POST", "/api/session", {"login": login, "password": "a long pass phrase 1"})
        assert status == 200, said
        self.cookie, self.csrf = head["Set-Cookie"].split(";")[0], said["csrf"]

    def ask(self, method, path, body=None):
        self.n += 1
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, None if body is None else json.dumps(body),
                  {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf, "Idempotency-Key": f"keys-{self.login}-{self.born:x}-{self.n:06d}"})
        r = c.getresponse()
        text = r.read()
        if r.status == 429:
            time.sleep(float(r.headers.get("Retry-After", "1")))
            return self.ask(method, path, body)
        return r.status, json.loads(text), r.headers


def work(port, login, first):
    me, n = Person(port, login), first
    while not over.is_set():
        n += 1
        status, said, _ = me.ask("POST", "/api/persons", {"name": "参保人", "id_number": id_number(n), "category": "male" if id_number(n)[16] in "13579" else "f50"})
        if status != 200:
            faults.append(f"{login} registers: {status} {said}")
            return
        with lock:
            people.append((said["id"], id_number(n)))
            back = random.choice(people)
        look(me, *back)


def look(me, person, number):
    me.ask("POST", f"/api/persons/{person}/openings", {"purpose": "counter"})
    status, said, _ = me.ask("POST", f"/api/persons/{person}/reveal", {"reason": "a test of keys"})
    if status != 200 or said["id_number"] != number:
        faults.append(f"{me.login} reads {person}: {status} {said}")


def serve(url, port):
    p = subprocess.Popen([SHEBAO, "serve", "--db", url, "--port", str(port), "--workers", "3"], stdout=subprocess.DEVNULL)
    for _ in range(600):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/healthz")
            return p
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def run(*words):
    done = subprocess.run([SHEBAO, *words], capture_output=True, text=True)
    if done.returncode != 0:
        faults.append(f"{' '.join(words)}: {done.stderr[-400:]}")
    return done.stdout


# Each table that holds a wrapped key is one of those that are gone through.
known = open("src/office/privacy/rewrap.c").read()
for name in sorted(os.listdir("src/store/migrations")):
    text = open(f"src/store/migrations/{name}").read()
    tables = re.findall(r"CREATE TABLE (\w+) \([^;]*wrapped @blob", text) + re.findall(r"ALTER TABLE (\w+) ADD COLUMN \w*wrapped @blob", text)
    faults += [f"{table} holds wrapped keys and is not in rewrap.c" for table in tables if f'{{"{table}",' not in known]

with tempfile.TemporaryDirectory(prefix="shebao-keys-") as folder:
    url, word, keys = f"sqlite:{folder}/office.db", f"{folder}/word", f"{folder}/office.db.keys"
    with open(word, "w") as f:
        f.write("a long pass phrase 1\n")
    run("init", "--pack", "packs/demo", "--admin", "root", "--password-file", word, "--db", url)
    for login in ("one", "two"):
        run("staff", "add", login, "--roles", "clerk", "--password-file", word, "--db", url)
    before = open(keys).read()
    port = random.randint(20000, 32000)
    server = serve(url, port)
    clerks = [threading.Thread(target=work, args=(port, login, first)) for login, first in (("one", 0), ("two", 500))]
    for c in clerks:
        c.start()
    time.sleep(4)
    wrapped = [run("keys", "rotate", "--db", url)]
    time.sleep(2)
    wrapped.append(run("keys", "rotate", "--db", url))
    time.sleep(2)
    wrapped.append(run("keys", "retire", "--db", url))
    time.sleep(2)
    over.set()
    for c in clerks:
        c.join()
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    after = open(keys).read()
    if len(after) != len(before) or after.split("\n")[1] == before.split("\n")[1] or after.split("\n")[2:] != before.split("\n")[2:]:
        faults.append("the file of keys should hold one new master key, and the others as before")
    if os.stat(keys).st_mode & 0o077:
        faults.append("others may read the keys")
    server = serve(url, port)
    me = Person(port, "one")
    for one in people:
        look(me, *one)
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    audit = subprocess.run([SHEBAO, "audit", "--db", url], capture_output=True, text=True)
    if audit.returncode != 0:
        faults.append("the auditor: " + (audit.stdout + audit.stderr)[:400])
    print(f"{len(people)} people registered meanwhile; " + "; ".join(w.strip() for w in wrapped))
    if len(people) < 10 or any(not w.strip() for w in wrapped):
        faults.append("that was no office at work")
for f in faults[:20]:
    print("FAILED: " + f)
print(f"keys.py: {len(faults)} faults")
sys.exit(1 if faults else 0)
