# SPDX-License-Identifier: Apache-2.0
#
# sandboxed.py PORT: what a browser does with a demonstration city in a session; prints "secret KIND TEXT" for each thing that no log may tell.
import http.client, json, re, sys

PORT = int(sys.argv[1])
PDF = None  # a letter, to be attached
count = 0


class Person:
    def __init__(self, login):
        self.cookie = self.csrf = ""
        status, said, head = self.raw("POST", "/api/session", {"login": login, "password": "demonstration"})
        assert status == 200, (status, said)
        self.cookie = head["Set-Cookie"].split(";")[0]
        self.csrf = json.loads(said)["csrf"]
        print("secret token", self.cookie.split("=", 1)[1])
        print("secret csrf", self.csrf)

    def raw(self, method, path, body=None, kind="application/json"):
        global count
        c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        head = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf, "Content-Type": kind, "Accept-Language": "zh-CN"}
        if method != "GET":
            count += 1
            head["Idempotency-Key"] = "sandboxed-%d-%s" % (count, self.csrf[:8])
        c.request(method, path, None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(), head)
        r = c.getresponse()
        return r.status, r.read(), r.headers

    def ask(self, method, path, body=None, kind="application/json", expect=200):
        status, said, head = self.raw(method, path, body, kind)
        assert status == expect, (method, path, status, said[:500])
        return json.loads(said) if "json" in (head["Content-Type"] or "") else said


assert Person.raw.__get__(type("Nobody", (), {"cookie": "", "csrf": ""})())("GET", "/")[0] == 200
wrong = Person.raw.__get__(type("Nobody", (), {"cookie": "", "csrf": ""})())("POST", "/api/session", {"login": "clerk", "password": "not-the-right-one"})
assert wrong[0] == 401, wrong
print("secret password not-the-right-one")
clerk, auditor = Person("clerk"), Person("auditor")
# Somebody is registered with a number of ours: it is in the body of the request, in the database, and in no log.
first = "99010119880229101"
weights, digits = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], "10X98765432"
number = first + digits[sum(int(a) * w for a, w in zip(first, weights)) % 11]
print("secret number", number)
clerk.ask("POST", "/api/search", {"q": number})
form = clerk.raw("POST", "/api/persons", {"name": "沙盒测试人", "id_number": number, "category": "male"})
print("registered:", form[0])
people = clerk.ask("POST", "/api/search", {"q": "王"})["items"]
# Every document that a case of the city has: letters are PDF, set with fonts of the machine.
done = 0
for case in auditor.ask("GET", "/api/cases?limit=50")["items"]:
    status, said, _ = auditor.raw("GET", "/api/cases/%d/letters" % case["case"] if "case" in case else "/api/cases/%d/letters" % case["id"])
    if status != 200:
        continue
    for letter in json.loads(said).get("items", []):
        status, pdf, _ = auditor.raw("GET", "/api/documents/%d" % letter["document"])
        if status == 200 and pdf[:5] == b"%PDF-":
            done += 1
            PDF = pdf
print("letters:", done)
assert done > 0
assert clerk.ask("GET", "/api/manual")["items"]
# An attachment of an open case comes back byte by byte.
attached = 0
for task in clerk.ask("GET", "/api/tasks?limit=50")["items"]:
    case = task.get("case") or task.get("instance")
    status, said, _ = clerk.raw("POST", "/api/cases/%d/attachments?title=scan" % case, PDF, "application/pdf")
    print("attach:", status, said[:200])
    if status in (200, 201):
        o = json.loads(said)
        back = clerk.raw("GET", "/api/attachments/%d" % (o.get("attachment") or o.get("id")))
        assert back[0] == 200 and back[1] == PDF, back[:2]
        attached = 1
        break
assert people is not None and attached == 1, "no attachment was kept"
