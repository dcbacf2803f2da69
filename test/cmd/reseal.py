# SPDX-License-Identifier: Apache-2.0
#
# reseal.py DATABASE: what an attacker does who has SQL and knows every formula, but not the key of the installation: change a row of the trail,
# then compute its hash, the roots, the heads, the chain and the anchors anew, all of it signed with a key of their own (here: noise).
import hashlib, json, os, sqlite3, sys


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves):
    while len(leaves) > 1:
        leaves = [sha(b"\x01", *leaves[i:i + 2]) if i + 1 < len(leaves) else leaves[i] for i in range(0, len(leaves), 2)]
    return leaves[0]


db = sqlite3.connect(sys.argv[1])
home, first = db.execute("SELECT home, id FROM audit_row WHERE seal = 1 ORDER BY id LIMIT 1").fetchone()
db.execute("UPDATE audit_row SET actor = actor + 1 WHERE home = ? AND id = ?", (home, first))
row = db.execute("SELECT home, id, at, actor, office, verb, subject_kind, subject, body FROM audit_row WHERE home = ? AND id = ?",
                 (home, first)).fetchone()
text = "".join("%s\n" % x for x in row[:8]) + row[8]
db.execute("UPDATE audit_row SET hash = ? WHERE home = ? AND id = ?", (sha(text.encode()), home, first))
heads = {}
for home, in db.execute("SELECT DISTINCT home FROM audit_seal").fetchall():
    previous = bytes(32)
    for s in db.execute("SELECT sequence, day, first_id, last_id, row_count FROM audit_seal WHERE home = ? ORDER BY sequence", (home,)).fetchall():
        leaves = [h for h, in db.execute("SELECT hash FROM audit_row WHERE home = ? AND seal = ? ORDER BY id", (home, s[0]))]
        top = root(leaves)
        head = sha(b"\x02", previous, top, ("%d %d %d %d %d %d" % (home, *s)).encode())
        db.execute("UPDATE audit_seal SET root = ?, previous = ?, head = ?, signature = ? WHERE home = ? AND sequence = ?",
                   (top, previous, head, os.urandom(64), home, s[0]))
        heads[home, s[0]] = previous = head
previous = bytes(32)
for sequence, body in db.execute("SELECT sequence, body FROM anchor ORDER BY sequence").fetchall():
    o = json.loads(body)
    o["previous"] = previous.hex()
    for h in o["homes"]:
        h["head"] = heads[h["home"], h["seal"]].hex()
    body = json.dumps(o, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    previous = sha(b"shebao anchor\n", body.encode())
    db.execute("UPDATE anchor SET body = ?, hash = ?, signature = ? WHERE sequence = ?", (body, previous, os.urandom(64), sequence))
db.commit()
