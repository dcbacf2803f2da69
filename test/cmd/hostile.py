# SPDX-License-Identifier: Apache-2.0
#
# hostile.py SHEBAO [SEED [COUNT]]: asks every route of a demonstration city, as each role and as nobody, for what nobody should ask: SQL, script and
# format strings, paths out of a folder, numbers beyond all, types confused, bodies that are bombs, oversize, headers and requests
# that are none. Each answer must be a clear refusal or a plain success: never a 5xx, never the text of a database's error or of a file,
# never our own words given back as a page, never longer than a bound. In the end the server is well and the auditor finds nothing.
import collections, http.client, json, os, random, re, signal, socket, subprocess, sys, tempfile, threading, time, urllib.parse, zlib

SHEBAO = sys.argv[1]
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
LONGEST = 60  # seconds for one answer, under sanitizers and on a loaded machine
ROLES = ["clerk", "reviewer", "approver", "finance", "auditor", "admin", None]
MARK = "zq7hostile"  # to find our own words again

TEXTS = [
    "' OR '1'='1", "'; DROP TABLE person; --", "1; DELETE FROM audit_row", "') UNION SELECT password FROM staff --", "\" OR 1=1 --",
    "%' AND 1=(SELECT COUNT(*) FROM staff) --", "\\'; SELECT pg_sleep(30); --", "$$; COPY staff TO '/tmp/x'; $$", "?1@int", "@table",
    f"<script>{MARK}</script>", f"<img src=x onerror={MARK}>", f"javascript:{MARK}", f"\"><svg/onload={MARK}>", "{{7*7}}", "${7*7}", "#{7*7}",
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "/etc/passwd", "file:///etc/passwd", "....//....//etc/passwd", "..\\..\\windows\\win.ini",
    "http://127.0.0.1:1/", "gopher://127.0.0.1:25/", "|id", "; cat /etc/passwd", "`id`", "$(id)", "&& sleep 30", "%n%n%n%n%s%s%s", "%x" * 40,
    "=cmd|'/C calc'!A0", "+1+1", "@SUM(1)", "\u0000", "a\u0000b", "\u202e\u2066evil", "\ufeff", "\ud7ff\ue000", "ﷺ" * 200, "é" * 300, "𠮷" * 200,
    "Ａ" * 64, "\r\nSet-Cookie: x=1", "\r\n\r\n<html>", "a" * 70000, " " * 5000, "-" * 500, "null", "undefined", "NaN", "Infinity", "true", "[]", "{}",
    "9999-99-99", "0000-00-00", "2026-02-30", "-0001-01-01", "10000-01-01", "2026-13", "99999999999999999999", "-1", "1e400", "0x10", "1,5", "٣",
    "910101MB", "110101190001010000", "99010119900229001X", "0.1.2", "1" * 400, "*", "%", "_", "(?:a+)+$", "(" * 500, "[" * 500, "if true then " * 300,
]
VALUES = [None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 2**64, 10**40, 0.1, -0.0, 1e308, [], {}, [[]], [None], {"a": {}}, [[[[[[[[]]]]]]]],
          {"$ne": None}, {"__proto__": {"x": 1}}, {"constructor": {"prototype": {}}}, [1, "a", None, {}], ["x"] * 3000, {str(i): i for i in range(3000)}]
BODIES = [
    b"", b"{", b"}", b"[", b"null", b"0", b'""', b"[" * 100000, b'{"a":' * 50000, b'{"a":1,"a":2}', b'{"a":1e999999}', b'{"a":' + b"9" * 100000 + b"}",
    b'{"a":"\xff\xfe"}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b"\x00" * 1000, b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"{} {}", b"{}\n//x", b'{"a":NaN}',
    b"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><d>&c;&c;&c;</d>",
    b"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Document>&x;</Document>", b"<!DOCTYPE d SYSTEM 'http://127.0.0.1:1/d.dtd'><d/>", b"<a>" * 100000,
    b"<a " + b"x='1' " * 20000 + b"/>", b"%PDF-1.7\n" + b"1 0 obj<<" * 5000, b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, b"\xff\xd8\xff\xe0" + b"\x00" * 500, b"PK\x03\x04" + b"\x00" * 300,
    zlib.compress(b"\x00" * 10000000), b"a,b\r\n\"" + b"x" * 300000, b"\"" * 100001, b"=1+1,@x\r\n" * 500, b",".join([b"x"] * 50000), b"login=admin&password=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--",
    b"a" * 3000000,
]
TYPES = ["application/json", "application/json; charset=utf-16", "text/plain", "text/csv", "application/xml", "application/pdf", "image/png", "multipart/form-data; boundary=x",
         "application/x-www-form-urlencoded", "application/json\t", "", "x" * 300, "application/problem+json"]
# Lines that are no request, or two at once; the answer may be a refusal or a closed door.
WIRE = [
    b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n", b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", b"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 3000 + b"\r\n\r\n", b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /..%2f..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /assets/..%5c..%5cetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"GET //etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/1.1\nHost: x\n\n", b"\r\n" * 2000, b"\x00" * 5000,
    b"GET /api/search?q=%c0%af&q=%00&" + b"a=b&" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-CSRF-Token: " + b"\xff" * 200 + b"\r\n\r\n",
    b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{\"login\":", b"GET /healthz HTTP/1.0\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
]
LEAKS = re.compile(rb"root:x:0:|SQLITE_|sqlite3?\b.*error|syntax error at or near|pg_catalog|PG::|near \"|AddressSanitizer|runtime error:|\.c:\d+")

faults, statuses, lock = [], collections.Counter(), threading.Lock()


class Server:
    def __init__(self, folder):
        self.log = open(os.path.join(folder, "log"), "wb")
        for _ in range(5):
            self.port = random.randint(20000, 32000)
            self.process = subprocess.Popen([SHEBAO, "serve", "--db", f"sqlite:{folder}/city.db", "--pack", "packs/demo", "--port", str(self.port), "--workers", "4", "--rate", "10000"],
                                            stdout=subprocess.DEVNULL, stderr=self.log)
            for _ in range(600):
                if self.process.poll() is not None:
                    break
                try:
                    http.client.HTTPConnection("127.0.0.1", self.port, timeout=5).request("GET", "/healthz")
                    return
                except OSError:
                    time.sleep(0.1)
        raise SystemExit("the server did not start")


class Asker:
    def __init__(self, port, login, rng):
        self.port, self.login, self.rng = port, login, rng
        self.cookie, self.csrf, self.line = "", "", None
        self.sign_in()

    def send(self, method, path, body, head):
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        self.line.putrequest(method, path, skip_host=False, skip_accept_encoding=True)
        for k, v in head.items():
            self.line.putheader(k, v)
        if body is not None:
            self.line.putheader("Content-Length", str(len(body)))
        self.line.endheaders(body)
        r = self.line.getresponse()
        text = r.read()
        if r.will_close:
            self.line.close()
            self.line = None
        return r.status, r.headers, text

    def sign_in(self):
        if self.login is None:
            return
        status, head, text = self.send("POST", "/api/session", json.dumps({"login": self.login, "password": "demonstration"}).encode(), {"Content-Type": "application/json"})
        if status == 200:
            self.cookie, self.csrf = head["Set-Cookie"].split(";")[0], json.loads(text)["csrf"]

    def ask(self, method, path, body=None, type_="application/json", more=None):
        head = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf, "Idempotency-Key": "hostile-%016x" % self.rng.getrandbits(64), "Accept-Language": self.rng.choice(["en", "zh-CN"])}
        if body is not None and type_:
            head["Content-Type"] = type_
        head.update(more or {})
        began, what = time.time(), f"{self.login} {method} {path[:200]} {(body or b'')[:200]!r} {type_[:60]}"
        for patience in range(100):
            try:
                status, answer, text = self.send(method, path, body, head)
            except (OSError, http.client.HTTPException, ValueError) as e:
                self.line = None
                with lock:
                    statuses["closed"] += 1
                if isinstance(e, TimeoutError):
                    told(what, "no answer within %d s" % LONGEST)
                return
            if status != 429:
                break
            time.sleep(min(2.0, float(answer.get("Retry-After", "1"))))
        else:
            told(what, "429 for ever")
            return
        judge(what, status, answer, text, time.time() - began)
        if status == 401 and self.login is not None:
            self.sign_in()


def told(what, why):
    with lock:
        faults.append(f"{why}: {what}")


def judge(what, status, head, text, took):
    with lock:
        statuses[status] += 1
    kind = (head.get("Content-Type") or "").split(";")[0]
    if status >= 500:
        told(what, f"{status} {text[:200]!r}")
    if took > LONGEST:
        told(what, "%.0f s" % took)
    if LEAKS.search(text) and not kind == "text/html" and not re.search("/api/(errors|openapi.json)", what):
        told(what, f"tells too much: {LEAKS.search(text).group(0)!r}")
    if kind == "text/html" and MARK.encode() in text:
        told(what, "our own words in a page")
    if status == 200 and kind == "application/json":
        with lock:
            meet(json.loads(text))
    if status >= 400:
        try:
            code = json.loads(text)["code"]
            if not re.fullmatch(r"SB-\d{4}", code) or code in ("SB-0000", "SB-0001"):
                told(what, f"{status} without a registered code: {code}")
        except (ValueError, KeyError, TypeError):
            told(what, f"{status} is no problem+json: {text[:100]!r}")
    if head.get("X-Content-Type-Options") != "nosniff":
        told(what, "without nosniff")
    if any("\n" in str(v) for v in head.values()):
        told(what, "a header of ours was broken")


met = collections.defaultdict(list)  # numbers of real things, by the name under which answers give them


def meet(value, name=""):
    """Remember what an answer tells of, so that later questions go deep."""
    if isinstance(value, dict):
        for k, v in value.items():
            meet(v, k)
    elif isinstance(value, list):
        for v in value[:20]:
            meet(v, name)
    elif type(value) is int and value > 0 and len(met[name]) < 200:
        met[name].append(value)


def plain(schema, rng, deep=0, name=""):
    """Something that the schema takes, as far as it says."""
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = set(schema.get("required", []))
        return {k: plain(v, rng, deep + 1, k) for k, v in schema.get("properties", {}).items() if k in wanted or rng.random() < 0.4} if deep < 6 else {}
    if kind == "array":
        return [plain(schema.get("items", {}), rng, deep + 1, name) for _ in range(rng.randint(schema.get("minItems", 0), 2))] if deep < 6 else []
    if kind == "integer":
        known = met[name] or met["id"]
        return rng.choice(known) if known and rng.random() < 0.8 else rng.choice([1, 2, 3, 7, rng.randint(1, 3000)])
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "number":
        return 1
    form = schema.get("format")
    return {"date": "2026-11-02", "money": "12.50", "month": "2026-10"}.get(form, rng.choice(["x", "EP", "2026-11-02", "2026-10", "12.50", "张三", "990101198501010031"]))


def bend(value, rng):
    """The value with one part made hostile."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {**value, rng.choice(TEXTS): rng.choice(VALUES)}
        if rng.random() < 0.05:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: bend(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        i = rng.randrange(len(value))
        return value[:i] + [bend(value[i], rng)] + value[i + 1:]
    return rng.choice(TEXTS) if rng.random() < 0.6 else rng.choice(VALUES)


def filled(path, operation, rng, hostile):
    """The path and the query; one parameter is hostile when asked."""
    parameters = operation.get("parameters", [])
    chosen = rng.randrange(len(parameters)) if hostile and parameters else -1
    query = []
    for i, p in enumerate(parameters):
        value = plain(p.get("schema", {}), rng, 0, p["name"])
        text = rng.choice(TEXTS)[:3000] if i == chosen else str(value).lower() if isinstance(value, bool) else str(value)
        if p["in"] == "path":
            path = path.replace("{%s}" % p["name"], urllib.parse.quote(text, safe=""))
        elif p.get("required") or i == chosen or rng.random() < 0.3:
            query.append(urllib.parse.quote(p["name"]) + "=" + urllib.parse.quote(text, safe=""))
            if rng.random() < 0.05:
                query.append(query[-1])
    if hostile and rng.random() < 0.05:
        query.append(urllib.parse.quote(rng.choice(TEXTS)[:500], safe="") + "=" + "x")
    return path + ("?" + "&".join(query) if query else "")


def one(asker, path, method, operation):
    rng = asker.rng
    dice = rng.random()
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    body, type_, more = None, "application/json", {}
    if content:
        if schema is not None and dice < 0.75:
            value = plain(schema, rng)
            body = json.dumps(bend(value, rng) if rng.random() < 0.9 else value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
        else:
            body = rng.choice(BODIES)
            type_ = rng.choice(list(content)) if rng.random() < 0.5 else rng.choice(TYPES)
    if rng.random() < 0.03:
        more = {rng.choice(["Idempotency-Key", "X-CSRF-Token", "Accept-Language", "If-None-Match", "traceparent", "X-HTTP-Method-Override", "X-Forwarded-For", "Range", "Content-Encoding", "Accept-Encoding"]):
                rng.choice(["", "x" * 3000, "../..", "gzip", "DELETE", "*", "'", "00-" + "f" * 32 + "-" + "0" * 16 + "-01", "bytes=0-99999999999"])}
    if rng.random() < 0.02:
        method = rng.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
    asker.ask(method.upper(), filled(path, operation, rng, body is None or rng.random() < 0.3), body, type_, more)


def wire(port, bytes_):
    """What is no request at all: an answer below 500, or the door."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            s.sendall(bytes_)
            s.shutdown(socket.SHUT_WR)
            said = s.recv(200)
    except OSError:
        said = b""
    status = re.match(rb"HTTP/1\.[01] (\d+)", said)
    with lock:
        statuses[int(status.group(1)) if status else "closed"] += 1
    if status and int(status.group(1)) >= 500 and int(status.group(1)) not in (501, 505):
        told(repr(bytes_[:80]), status.group(1).decode())
    if LEAKS.search(said):
        told(repr(bytes_[:80]), "tells too much")


def crawl(port, operations, login, share, seed):
    asker = Asker(port, login, random.Random(seed))
    for i in range(share):
        one(asker, *operations[(i + seed) % len(operations)])


with tempfile.TemporaryDirectory(prefix="shebao-hostile-") as folder:
    random.seed()
    subprocess.run([SHEBAO, "demo", "--persons", "100", "--seed", "5", "--db", f"sqlite:{folder}/city.db"], check=True, stdout=subprocess.DEVNULL)
    server = Server(folder)
    document = json.loads(Asker(server.port, None, random.Random(0)).send("GET", "/api/openapi.json", None, {})[2])
    operations = sorted((path, method, o) for path, item in document["paths"].items() for method, o in item.items() if method in ("get", "post", "put", "delete", "patch"))
    operations = [o for o in operations if o[:2] != ("/api/session", "delete")]
    share = COUNT // len(ROLES) + 1
    threads = [threading.Thread(target=crawl, args=(server.port, operations, login, share, SEED * 100 + i)) for i, login in enumerate(ROLES)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for bytes_ in WIRE:
        wire(server.port, bytes_)
    try:
        Asker(server.port, None, random.Random(0)).ask("GET", "/healthz")
    except OSError:
        faults.append("the server is gone")
    server.process.send_signal(signal.SIGTERM)
    try:
        code = server.process.wait(120)
    except subprocess.TimeoutExpired:
        server.process.kill()
        code = "did not end"
    if code != 0:
        faults.append(f"the server ended with {code}: " + open(os.path.join(folder, "log"), errors="replace").read()[-1500:])
    audit = subprocess.run([SHEBAO, "audit", "--db", f"sqlite:{folder}/city.db"], capture_output=True, text=True)
    if audit.returncode != 0:
        faults.append("the auditor: " + (audit.stdout + audit.stderr)[:500])

asked = sum(statuses.values())
for f in faults[:40]:
    print("FAILED: " + f[:700])
print(f"{asked} hostile requests over {len(operations)} routes as {len(ROLES)} roles (seed {SEED}): " + ", ".join(f"{n} × {s}" for s, n in sorted(statuses.items(), key=str)))
if asked < COUNT or not statuses.get(400) or not statuses.get(200):
    print("FAILED: that was no crawl")
    faults.append("few")
print(f"hostile.py: {len(faults)} faults")
sys.exit(1 if faults else 0)
