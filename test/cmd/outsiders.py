# SPDX-License-Identifier: Apache-2.0
#
# outsiders.py SHEBAO MATRIX: asks every route of a demonstration city as each role at the office itself, above it, in a district, in a
# village and at the tax bureau. What is expected is computed from the matrix of authority and the scope of the route, so that a new route is
# asked without anybody writing a test of it: who lacks the duty is refused for the role, who has it elsewhere for the body or level, and
# who has it here for the office that keeps the thing. Nobody outside gets anything of a case, task or letter, nor changes it. Beside the staff
# somebody insured and an employer's agent ask everything too: they reach what is their own, and are told of nobody else.
import collections, csv, http.client, json, os, random, re, signal, sqlite3, subprocess, sys, tempfile, time

SHEBAO, MATRIX = sys.argv[1:3]
ROLES = ["clerk", "reviewer", "approver", "finance", "auditor", "admin", "partner"]
OUTSIDE = ["insured", "employer"]
PLACES = ["YS-01", "YS", "YS-0101", "YS-01010101", "YS-SW-01"]
ROLE, BODY, OFFICE, NONE = "SB-0442", "SB-0436", "SB-0456", 999999
# What an office shows of others on purpose, and what says by its own list what may be seen.
OPEN = {"offices.get", "elsewhere.get", "elsewhere.papers", "elsewhere.hand"}
faults, seen = [], collections.Counter()


class Town:
    """What the database says of offices, and a subject for each word that routes ask for."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.offices = {r[1]: dict(id=r[0], parent=r[2], level=r[3], body=r[4], territory=r[5])
                        for r in self.db.execute("SELECT id, code, parent, level, body_kind, territory FROM office")}
        self.by_id = {o["id"]: o for o in self.offices.values()}
        own = self.offices["YS-01"]["id"]
        one = lambda sql, *a: (self.db.execute(sql, a).fetchone() or [NONE])[0]
        case = one("SELECT i.id FROM process_instance i JOIN task t ON t.instance = i.id AND t.state = 'open' WHERE i.office = ? AND t.office = ? "
                   "AND i.state = 'active' ORDER BY i.id", own, own)
        self.ids = {
            "case": case, "instance": case, "task": one("SELECT id FROM task WHERE instance = ? AND state = 'open'", case), "office": own,
            "employer": one("SELECT employer FROM employer_fact WHERE office = ? AND known_to = (SELECT MAX(known_to) FROM employer_fact)", own),
            "person": one("SELECT person FROM award"), "award": one("SELECT id FROM award"), "declaration": one("SELECT id FROM declaration"),
            "receipt": one("SELECT id FROM receipt"), "employment": one("SELECT id FROM employment"), "transaction": one("SELECT txn FROM ledger_posting"),
            "document": one("SELECT l.id FROM letter l WHERE l.office = ?", own), "decision": one("SELECT id FROM decision"), "pool": one("SELECT id FROM pool WHERE scheme = 'EP'"),
            "account": one("SELECT id FROM personal_account"), "seal": one("SELECT id FROM seal WHERE office = ?", own), "payment_run": one("SELECT id FROM payment_run"),
            "run": one("SELECT id FROM run WHERE kind = 'import'"), "staff": NONE, "hash": one("SELECT lower(hex(hash)) FROM payment_file"),
            "claim": one("SELECT id FROM payment_claim"), "merge": NONE, "match": NONE, "other": NONE, "feed": "tax.receipts", "sequence": 1, "batch": NONE, "alarm": NONE,
        }

    def within(self, office, top):
        """Is an office the top or below it?"""
        for _ in range(20):
            if office == top:
                return True
            up = self.by_id.get(office, {}).get("parent", 0)
            if up in (0, office):
                return False
            office = up
        return False

    def territory_covers(self, outer, inner):
        while 2 <= len(outer) <= 6 and outer.endswith("00"):
            outer = outer[:-2]
        return inner.startswith(outer)

    def one(self, sql, *a):
        row = self.db.execute(sql, a).fetchone()
        return row[0] if row else None

    def owner(self, role):
        """Somebody for whom an account is opened at the office itself: not the person or employer whose things are asked for."""
        if role == "insured":
            return self.one("SELECT id FROM person WHERE state = 'active' AND id <> ? AND id NOT IN (SELECT person FROM award) ORDER BY id", self.ids["person"])
        return self.one("SELECT e.id FROM employer e JOIN employer_fact f ON f.employer = e.id WHERE e.state = 'active' AND f.office = ? AND e.id <> ? ORDER BY e.id",
                        self.offices["YS-01"]["id"], self.ids["employer"])

    def covers(self, place, kind, value, may_read, role):
        """The rule of a kind, written once more: may an office act on the thing?"""
        top = self.offices[place]
        employer = {"employer": value, "employment": self.one("SELECT employer FROM employment WHERE id = ?", value) if kind == "employment" else None,
                    "declaration": self.one("SELECT employer FROM declaration WHERE id = ?", value) if kind == "declaration" else None,
                    "receipt": self.one("SELECT employer FROM receipt WHERE id = ?", value) if kind == "receipt" else None,
                    "roster": self.one("SELECT employer FROM roster WHERE id = ?", value) if kind == "roster" else None}.get(kind)
        if employer is not None:
            office = self.one("SELECT office FROM employer_fact WHERE employer = ? ORDER BY known_to DESC, valid_from DESC", employer)
            return office is None or self.within(office, top["id"]) if office else office is None or top["parent"] in (0, top["id"])
        pool = {"pool": value if kind == "pool" else None, "award": self.one("SELECT pool FROM award WHERE id = ?", value) if kind == "award" else None,
                "payment_run": self.one("SELECT pool FROM payment_run WHERE id = ?", value) if kind == "payment_run" else None,
                "payment_claim": self.one("SELECT pool FROM payment_claim WHERE id = ?", value) if kind == "payment_claim" else None,
                "transaction": self.one("SELECT pool FROM ledger_posting WHERE txn = ?", value) if kind == "transaction" else None,
                "payment_file": self.one("SELECT r.pool FROM payment_file f JOIN payment_run r ON r.id = f.run WHERE lower(hex(f.hash)) = ?", value) if kind == "payment_file" else None}.get(kind)
        if pool is not None:
            land = self.one("SELECT territory FROM pool WHERE id = ?", pool)
            return self.territory_covers(top["territory"], land) or (kind in ("award", "payment_claim") and self.territory_covers(land, top["territory"]))
        if kind in ("document", "decision"):
            sql = {"document": "SELECT o.body_kind FROM letter l JOIN office o ON o.id = l.office WHERE l.id = ?",
                   "decision": "SELECT o.body_kind FROM decision d JOIN process_instance i ON i.id = d.instance JOIN office o ON o.id = i.office WHERE d.id = ?"}[kind]
            body = self.one(sql, value)
            return body == top["body"] if body else may_read
        if kind == "run":
            office = self.one("SELECT s.office FROM run r JOIN staff s ON s.id = r.created_by WHERE r.id = ?", value)
            return office is None or self.within(office, top["id"])
        if kind == "match":  # a person is served at any counter
            return True
        if kind == "feed":  # a machine reaches those of its own body
            return role != "partner" or top["body"] == "tax"
        if kind in ("emergency", "payment_claim", "roster"):  # there is none: one that does not exist is within, so that the verb can say so
            return self.one("SELECT id FROM emergency_access WHERE id = ?", value) is None
        raise SystemExit(f"outsiders.py knows no rule of the kind {kind}: add it to Town.covers")


def allowed(cell, office):
    for word in cell.split():
        body, _, levels = word.partition(":")
        low, high = (int(x) for x in levels.split("-")) if levels else (0, 9)
        if body in ("*", office["body"]) and low <= office["level"] <= high:
            return True
    return False


class Person:
    def __init__(self, port, login, password="demonstration"):
        self.port, self.login, self.line, self.count = port, login, None, 0
        self.cookie = self.csrf = ""
        status, head, text = self.send("POST", "/api/session", {"login": login, "password": password})
        if status != 200:
            raise SystemExit(f"{login} cannot sign in: {text[:300]!r}")
        self.cookie, self.csrf = head["Set-Cookie"].split(";")[0], json.loads(text)["csrf"]

    def send(self, method, path, body=None):
        for _ in range(60):
            try:
                if self.line is None:
                    self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.count += 1
                head = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf, "Accept-Language": "en", "Idempotency-Key": f"outsider-{self.login.replace('.', '-')}-{id(self)}-{self.count}"}
                if body is not None:
                    head["Content-Type"] = "application/json"
                self.line.request(method, path, None if body is None else json.dumps(body), head)
                r = self.line.getresponse()
                text = r.read()
            except (OSError, http.client.HTTPException):
                self.line = None
                time.sleep(0.2)
                continue
            if r.status != 429:
                return r.status, r.headers, text
            time.sleep(min(2.0, float(r.headers.get("Retry-After", "1"))))
        raise SystemExit(f"{self.login} {method} {path}: no answer")


def plain(schema, name, ids, deep=0):
    """The least that the schema takes."""
    if name in ids and schema.get("type") in ("integer", "string", None):
        return ids[name]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {k: plain(v, k, ids, deep + 1) for k, v in schema.get("properties", {}).items() if k in schema.get("required", []) and deep < 6}
    if kind == "array":
        return [plain(schema.get("items", {}), name, ids, deep + 1) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return False
    if "pattern" in schema and re.fullmatch(schema["pattern"], "2026-10"):
        return "2026-10"
    text = {"date": "2026-11-02", "money": "12.50", "decimal": "1", "month": "2026-10"}.get(schema.get("format"), "outside the office")
    return text[: schema.get("maxLength", 99)].ljust(schema.get("minLength", 0), "x")


def request(row, operation, town):
    """Path with its query, body, and the value of the thing that the scope is of."""
    ids = dict(town.ids)
    kind, _, field = row["scope"].partition(".")
    if kind == "payment_run":
        ids["run"] = ids["payment_run"]
    path, query = row["path"], []
    for p in operation.get("parameters", []):
        value = plain(p.get("schema", {}), p["name"], {**ids, "process": "P17", "pack": "cn", "source": "cn", "model": "pension", "service": "birth", "request": "change"})
        if p["in"] == "path":
            path = path.replace("{%s}" % p["name"], str(value))
        elif p["in"] == "query" and p.get("required"):
            query.append(f"{p['name']}={str(value).replace(' ', '%20')}")
    content = operation.get("requestBody", {}).get("content", {})
    body = plain(content["application/json"]["schema"], "", ids) if "application/json" in content else None
    if row["kind"] == "write" and body is None:
        body = {}
    return path + ("?" + "&".join(query) if query else ""), body, ids.get(field)


def offices_in(value, found):
    if isinstance(value, dict):
        for k, v in value.items():
            if k == "office" and type(v) is int and v > 0:
                found.add(v)
            offices_in(v, found)
    elif isinstance(value, list):
        for v in value:
            offices_in(v, found)


def expected(row, place, role, value, town, matrix):
    """ROLE, BODY, OFFICE, or None: whatever it is, no refusal of authority; "outside": nothing good."""
    office = town.offices[place]
    if not allowed(row[role], office):
        return BODY if row[role] else ROLE
    if row["scope"] == "root":
        return None if office["parent"] in (0, office["id"]) else OFFICE
    if role in OUTSIDE and re.search(r"\{(case|document|declaration)\}", row["path"]):
        return "outside"  # that of somebody else
    if row["scope"] in ("everywhere", "self"):
        return None
    if row["scope"] != "office":
        may_read = allowed(matrix["registry.person_get"][role], office)
        return None if town.covers(place, row["scope"].split(".")[0], value, may_read, role) else OFFICE
    if row["verb"] not in OPEN and re.search(r"\{(case|task|attachment|document|plan|ticket|seal|office)\}", row["path"]) and not town.within(town.ids["office"], office["id"]):
        return "outside"
    return None


def account(port, town, clerk, role):
    """At the window, and the first sign-in: the code is changed."""
    owner, path = town.owner(role), {"insured": "persons", "employer": "employers"}[role]
    if role == "insured":
        clerk.send("POST", f"/api/persons/{owner}/openings", {"purpose": "counter"})
    body = {"shown": "id_card"} if role == "insured" else {"shown": "authorisation", "name": "经办人"}
    status, _, text = clerk.send("POST", f"/api/{path}/{owner}/portal", body)
    if status != 200:
        raise SystemExit(f"no account for {role} {owner}: {text[:300]!r}")
    slip = json.loads(text)
    first = Person(port, slip["login"], slip["code"])
    status, _, text = first.send("GET", "/api/my")
    if status != 403:
        faults.append(f"{role}: the code that was handed out opens the portal before it was changed")
    status, _, text = first.send("POST", "/api/security/password", {"old": slip["code"], "new": "Kiefernwald-1973"})
    if status != 200:
        raise SystemExit(f"{role} cannot choose a password: {text[:300]!r}")
    return Person(port, slip["login"], "Kiefernwald-1973"), owner


def others(value, own, found):
    """Readable numbers of persons and employers in an answer that are not one's own."""
    if isinstance(value, dict):
        for v in value.values():
            others(v, own, found)
    elif isinstance(value, list):
        for v in value:
            others(v, own, found)
    elif isinstance(value, str) and re.fullmatch(r"[PE]\d{2,4}-\d{10}-\d", value) and value not in own:
        found.add(value)


def judge(row, place, role, want, status, text):
    what = f"{role} at {place}: {row['verb']} ({row['method']} {row['path']}, {row['scope']})"
    code = ""
    if status >= 400:
        code = json.loads(text).get("code", "")
    seen[want or "let in"] += 1
    if status >= 500:
        faults.append(f"{what}: {status} {text[:200]!r}")
    elif want == "outside" and status < 400:
        faults.append(f"{what}: let in from outside: {text[:160]!r}")
    elif want in (ROLE, BODY, OFFICE) and code != want:
        faults.append(f"{what}: wanted {want}, got {status} {code} {text[:160]!r}")
    elif want is None and (code == BODY or (code == ROLE and row["verb"].encode() in text) or (code == OFFICE and row["scope"] != "office")):
        faults.append(f"{what}: refused with {code}: {text[:200]!r}")
    return status < 400


def main(folder):
    url = f"sqlite:{folder}/city.db"
    subprocess.run([SHEBAO, "demo", "--persons", "120", "--seed", "9", "--db", url], check=True, stdout=subprocess.DEVNULL)
    secret = os.path.join(folder, "password")
    with open(secret, "w") as f:
        f.write("demonstration\n")
    for place in PLACES:
        for role in ROLES:
            subprocess.run([SHEBAO, "staff", "add", f"{role}.{place}".lower(), "--roles", role, "--office", place, "--display", role, "--password-file", secret, "--db", url],
                           check=True, stdout=subprocess.DEVNULL)
    town = Town(f"{folder}/city.db")
    port = random.randint(20000, 32000)
    server = subprocess.Popen([SHEBAO, "serve", "--db", url, "--pack", "packs/demo", "--port", str(port), "--workers", "4", "--rate", "10000"], stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        people = {(place, role): Person(port, f"{role}.{place}".lower()) for place in PLACES for role in ROLES}
        paths = json.loads(people["YS", "admin"].send("GET", "/api/openapi.json")[2])["paths"]
        matrix = {row["verb"]: row for row in csv.DictReader(open(MATRIX))}
        numbers, matrix_places = {}, [(place, role) for place in PLACES for role in ROLES]
        for role in OUTSIDE:
            people["YS-01", role], owner = account(port, town, people["YS-01", "clerk"], role)
            numbers[role] = {json.loads(people["YS-01", role].send("GET", "/api/my")[2])["number"]}
            matrix_places.append(("YS-01", role))
        todo = []
        for row in matrix.values():
            path, body, value = request(row, paths[row["path"]][row["method"].lower()], town)
            for place, role in matrix_places:
                want = expected(row, place, role, value, town, matrix)
                todo.append(((want is None) + (want is None and row["kind"] == "write"), row, place, role, want, path, body))
        routes = {row["verb"] for _, row, *_ in todo}
        lists = 0
        for _, row, place, role, want, path, body in sorted(todo, key=lambda x: x[0]):
            status, head, text = people[place, role].send(row["method"], path, body)
            good = judge(row, place, role, want, status, text)
            if good and role == "insured" and (head.get("Content-Type") or "").startswith("application/json"):
                strange = set()
                others(json.loads(text), numbers[role], strange)
                if strange:
                    faults.append(f"{role}: {row['verb']} tells of {sorted(strange)}")
            if good and row["scope"] == "office" and row["method"] == "GET" and row["verb"] not in OPEN | {"offices.list"} and (head.get("Content-Type") or "").startswith("application/json"):
                found = set()
                offices_in(json.loads(text), found)
                lists += 1
                strange = [o for o in found if not town.within(o, town.offices[place]["id"])]
                if strange:
                    faults.append(f"{role} at {place}: {row['verb']} tells of the offices {strange}")
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(120)
    if code != 0:
        faults.append(f"the server ended with {code}")
    missing = [k for k, v in town.ids.items() if v == NONE and k not in ("staff",)]
    print(f"{len(todo)} requests over {len(routes)} routes as {len(people)} persons: " + ", ".join(f"{n} {w}" for w, n in sorted(seen.items())) + f"; {lists} lists looked through")
    print("asked of nothing real: " + (" ".join(missing) or "-"))
    if len(routes) < 150 or min(seen[w] for w in (ROLE, BODY, OFFICE, "outside", "let in")) < 20:
        faults.append("that was no round of the routes")


with tempfile.TemporaryDirectory(prefix="shebao-outsiders-") as temporary:
    main(temporary)
for f in faults[:60]:
    print("FAILED: " + f[:600])
print(f"outsiders.py: {len(faults)} faults")
sys.exit(1 if faults else 0)
