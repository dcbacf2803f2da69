#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oidc_test.py SHEBAO: sign in by another authority, with an issuer on this machine that answers well and badly. Nobody is signed in
by a wrong state, nonce, issuer, audience, an expired token, one without signature, or one of somebody who is not linked."""
import base64, hashlib, http.client, http.server, json, os, shutil, socket, subprocess, sys, tempfile, threading, time, urllib.parse

SHEBAO = sys.argv[1]
folder = tempfile.mkdtemp(prefix="shebao-oidc-")
CLIENT = "shebao-desk"
asked = {}  # code → what the browser was sent with
mode = "good"


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


KEY = os.path.join(folder, "key.pem")
openssl("genrsa", "-out", KEY, "2048")
MODULUS = bytes.fromhex(openssl("rsa", "-in", KEY, "-noout", "-modulus").decode().strip().split("=")[1])


class Issuer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def say(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/.well-known/"):
            self.say({"issuer": ISSUER if mode != "renamed" else "http://127.0.0.1:1", "authorization_endpoint": ISSUER + "/authorize",
                      "token_endpoint": (ISSUER if mode != "elsewhere" else f"http://127.0.0.1:{PORT}") + "/token", "jwks_uri": ISSUER + "/keys"})
        elif self.path == "/keys":
            self.say({"keys": [{"kty": "RSA", "kid": "a", "use": "sig", "alg": "RS256", "n": b64(MODULUS), "e": "AQAB"}]})
        else:
            self.say({}, 404)

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        sent = asked.get(form.get("code"))
        user = base64.b64decode(self.headers.get("Authorization", "Basic Og==").split()[1]).decode()
        proof = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if self.path != "/token" or not sent or proof != sent["code_challenge"] or user != f"{CLIENT}:a long secret" or form["redirect_uri"] != sent["redirect_uri"]:
            return self.say({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "u-clerk", "nonce": sent["nonce"], "iat": now, "exp": now + 300}
        claims.update({"nonce": {"nonce": "another"}, "issuer": {"iss": "http://127.0.0.1:1"}, "audience": {"aud": "another"},
                       "expired": {"iat": now - 900, "exp": now - 600}, "unlinked": {"sub": "u-nobody"}}.get(mode, {}))
        header = {"alg": "none" if mode == "none" else "RS256", "kid": "a"}
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        signature = "" if mode == "none" else b64(openssl("dgst", "-sha256", "-sign", KEY, data=signed.encode()))
        self.say({"token_type": "Bearer", "access_token": "x", "id_token": f"{signed}.{signature}"})


issuer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
ISSUER = f"http://127.0.0.1:{issuer.server_address[1]}"
threading.Thread(target=issuer.serve_forever, daemon=True).start()
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
db = f"sqlite:{folder}/city.db"
subprocess.run([SHEBAO, "demo", "--persons", "60", "--seed", "3", "--db", db], check=True, capture_output=True)
with open(f"{folder}/secret", "w") as f:
    f.write("a long secret\n")
with open(f"{folder}/oidc.json", "w") as f:
    json.dump({"issuer": ISSUER, "client_id": CLIENT, "client_secret_file": f"{folder}/secret", "label_zh": "统一身份认证", "label_en": "Government ID"}, f)


def ask(method, path, cookie="", body=None, headers=None):
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    c.request(method, path, body=body, headers={"Cookie": cookie, "Accept-Language": "en", **(headers or {})})
    r = c.getresponse()
    return r.status, r.getheader("Location", ""), r.getheader("Set-Cookie", ""), r.read().decode()


def walk(wrong_state=False, other_browser=False):
    status, to, cookie, text = ask("GET", "/oidc/begin")
    if status != 302:
        return status, "", text
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(to).query))
    assert to.startswith(ISSUER + "/authorize?") and query["code_challenge_method"] == "S256" and "HttpOnly" in cookie and "SameSite=Lax" in cookie, to
    code = f"code-{len(asked)}"
    asked[code] = query
    state = "x" * 43 if wrong_state else query["state"]
    back = f"/oidc/callback?code={code}&state={urllib.parse.quote(state)}"
    status, to, session, text = ask("GET", back, "" if other_browser else cookie.split(";")[0])
    if status == 302:
        assert to == "/" and session.startswith("shebao_session=") and "SameSite=Strict" in session, (to, session)
        again = ask("GET", back, cookie.split(";")[0])
        assert again[0] == 403 and "SB-0891" in again[3], again  # the question was answered once
    return status, session.split(";")[0], text


def wrong(name, code, **how):
    global mode
    mode = name
    status, _, text = walk(**how)
    assert status in (403, 502) and code in text, (name, status, text)
    print(f"refused: {name or 'state'} {code}")


server = subprocess.Popen([SHEBAO, "serve", "--db", db, "--port", str(PORT), "--oidc", f"{folder}/oidc.json", "--sandbox", "on"], stdout=subprocess.DEVNULL,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))  # the search for leaks traces the process from a second one
try:
    for _ in range(200):
        try:
            if ask("GET", "/healthz")[0] == 200:
                break
        except OSError:
            time.sleep(0.1)
    assert "Government ID" in ask("GET", "/api/public/sign-in")[3]
    wrong("good", "SB-0892")  # nobody is linked yet
    staff = json.loads(ask("POST", "/api/session", body=json.dumps({"login": "clerk", "password": "demonstration"}), headers={"Content-Type": "application/json"})[3])
    done = subprocess.run([SHEBAO, "call", "security.link", "--db", db, "--as", "admin", "--in", json.dumps({"staff": staff["staff"]["id"], "subject": "u-clerk"})], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    mode = "good"
    status, session, text = walk()
    assert status == 302, text
    me = json.loads(ask("GET", "/api/session", session)[3])
    assert me["staff"]["login"] == "clerk" and me["stage"] == "full", me
    wrong("good", "SB-0891", wrong_state=True)
    wrong("good", "SB-0891", other_browser=True)
    for name in ("nonce", "issuer", "audience", "expired", "none"):
        wrong(name, "SB-0893")
    wrong("unlinked", "SB-0892")
    wrong("renamed", "SB-0894")
    wrong("elsewhere", "SB-0894")
    print("signed in by another authority")
finally:
    server.terminate()
    server.wait()
    issuer.shutdown()
    shutil.rmtree(folder, ignore_errors=True)
