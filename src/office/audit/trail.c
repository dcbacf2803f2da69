/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail: each row's own hash, each seal's Merkle root over its rows, the chain of heads,
 * the signatures. The formulas are those that case/case.h promises, computed here anew.
 */
#include "office/audit/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 2000 };

static void found_hash(struct audit *a, enum error_code code, const char *table, int64_t home, int64_t id, const char *field,
                       const struct hash *expected, struct str stored)
{
        char x[65], y[65] = "";
        struct hash h;
        if (stored.n == HASH_BYTES) {
                memcpy(h.b, stored.p, HASH_BYTES);
                hash_hex(&h, y);
        }
        audit_tell(a, code, table, home, id, field, hash_hex(expected, x), y);
}

static bool same_hash(const struct hash *h, struct str stored)
{
        return stored.n == HASH_BYTES && memcmp(h->b, stored.p, HASH_BYTES) == 0;
}

static void add_number(struct hash_state *s, int64_t n)
{
        char number[32];
        text_format(number, sizeof number, "%lld\n", (long long)n);
        hash_add(s, number, strlen(number));
}

static void add_line(struct hash_state *s, struct str text)
{
        hash_add(s, text.p, text.n);
        hash_add(s, "\n", 1);
}

struct hash trail_row_hash(const struct trail_row *r)
{
        struct hash_state s = hash_begin();
        add_number(&s, r->home);
        add_number(&s, r->id);
        add_number(&s, r->at);
        add_number(&s, r->actor);
        add_number(&s, r->office);
        add_line(&s, r->verb);
        add_line(&s, r->kind);
        add_number(&s, r->subject);
        hash_add(&s, r->body.p, r->body.n);
        return hash_end(&s);
}

/* Columns as selected by ROWS below. */
static struct hash row_hash(const struct stmt *q)
{
        struct trail_row r = {.home = stmt_int(q, 0),
                              .id = stmt_int(q, 1),
                              .at = stmt_int(q, 2),
                              .actor = stmt_int(q, 3),
                              .office = stmt_int(q, 4),
                              .verb = stmt_text(q, 5),
                              .kind = stmt_text(q, 6),
                              .subject = stmt_int(q, 7),
                              .body = stmt_text(q, 8)};
        return trail_row_hash(&r);
}

#define ROWS                                                                                                                   \
        "SELECT home, id, at, actor, office, verb, subject_kind, subject, body, hash FROM "                                    \
        "audit_row "

static int rows_of_all_homes(struct audit *a, struct error *err)
{
        struct stmt *q = NULL;
        int64_t home = 0, id = 0;
        int n = 0, rc = 0;
        audit_check_begin(a);
        do {
                n = 0;
                rc = tx_query(&q, a->tx, err,
                              ROWS "WHERE home > ?1@int OR (home = ?1@int AND id > ?2@int) ORDER "
                                   "BY home, id LIMIT ?3@int",
                              "iii", home, id, (int64_t)PAGE);
                while ((rc = row_next(rc, q, err)) == 1) {
                        struct hash h = row_hash(q);
                        home = stmt_int(q, 0);
                        id = stmt_int(q, 1);
                        if (!same_hash(&h, stmt_blob(q, 9))) {
                                found_hash(a, SB_AUDIT_ROW_HASH, "audit_row", home, id, "hash", &h, stmt_blob(q, 9));
                        }
                        n++;
                }
        } while (rc == 0 && n == PAGE);
        return rc;
}

static bool copy_blob(unsigned char *out, size_t n, struct str blob)
{
        memset(out, 0, n);
        if (blob.n != n) {
                return false;
        }
        memcpy(out, blob.p, n);
        return true;
}

void tree_add(struct tree *t, int64_t id, const struct hash *leaf)
{
        struct hash up = *leaf;
        int level = 0;
        while (t->filled[level]) {
                up = hash_pair(&t->waiting[level], &up);
                t->filled[level++] = false;
        }
        t->waiting[level] = up;
        t->filled[level] = true;
        t->first = t->count++ == 0 ? id : t->first;
        t->last = id;
}

static struct hash tree_root(const struct tree *t)
{
        struct hash root = {{0}};
        bool have = false;
        for (int level = 0; level < TREE_LEVELS; level++) {
                if (t->filled[level]) {
                        root = have ? hash_pair(&t->waiting[level], &root) : t->waiting[level];
                        have = true;
                }
        }
        return root;
}

void seal_check_root(struct audit *a, const struct seal_row *s, const struct tree *t)
{
        struct hash root = tree_root(t);
        if (t->count != s->count || t->first != s->first || t->last != s->last || memcmp(&root, &s->root, sizeof root) != 0) {
                struct str stored = {(const char *)s->root.b, HASH_BYTES};
                found_hash(a, SB_AUDIT_SEAL_ROOT, "audit_seal", s->home, s->sequence, "root", &root, stored);
        }
}

static int check_root(struct audit *a, const struct seal_row *s, struct error *err)
{
        struct stmt *q = NULL;
        struct tree t = {.filled = {false}, .last = INT64_MIN};
        int n = 0, rc = 0;
        do {
                n = 0;
                rc = tx_query(&q, a->tx, err,
                              "SELECT id, hash FROM audit_row WHERE home = ?1@int AND seal = "
                              "?2@int AND id > ?3@int "
                              "ORDER BY id LIMIT ?4@int",
                              "iiii", s->home, s->sequence, t.last, (int64_t)PAGE);
                while ((rc = row_next(rc, q, err)) == 1) {
                        struct hash leaf;
                        copy_blob(leaf.b, HASH_BYTES, stmt_blob(q, 1));
                        tree_add(&t, stmt_int(q, 0), &leaf);
                        n++;
                }
        } while (rc == 0 && n == PAGE);
        if (rc == 0) {
                seal_check_root(a, s, &t);
        }
        return rc;
}

void seal_check_head(struct audit *a, const struct seal_row *s)
{
        char text[192];
        struct hash_state state = hash_begin();
        hash_add(&state, "\x02", 1);
        hash_add(&state, s->previous.b, HASH_BYTES);
        hash_add(&state, s->root.b, HASH_BYTES);
        text_format(text, sizeof text, "%lld %lld %lld %lld %lld %lld", (long long)s->home, (long long)s->sequence,
                    (long long)s->day, (long long)s->first, (long long)s->last, (long long)s->count);
        hash_add(&state, text, strlen(text));
        struct hash head = hash_end(&state);
        bool day = s->day == instant_day(s->sealed_at);
        if (!s->formed || !day || memcmp(&head, &s->head, sizeof head) != 0) {
                struct str stored = {(const char *)s->head.b, HASH_BYTES};
                found_hash(a, SB_AUDIT_SEAL_HEAD, "audit_seal", s->home, s->sequence, day ? "head" : "day", &head, stored);
        }
        if (a->signatures && keyring_verify(a->public_key, hash_str(&s->head), s->signature, NULL) != 0) {
                audit_tell(a, SB_AUDIT_SIGNATURE, "audit_seal", s->home, s->sequence, "signature", "", "");
        }
}

void seal_check_chain(struct audit *a, const struct seal_row *s, const struct seal_row *before)
{
        static const struct hash zero = {{0}};
        bool first = s->home != before->home;
        const struct hash *previous = first ? &zero : &before->head;
        int64_t sequence = first ? 1 : before->sequence + 1;
        if (s->sequence != sequence || memcmp(previous, &s->previous, sizeof *previous) != 0) {
                struct str stored = {(const char *)s->previous.b, HASH_BYTES};
                found_hash(a, SB_AUDIT_SEAL_CHAIN, "audit_seal", s->home, s->sequence, "previous", previous, stored);
        }
}

static void read_seal(struct seal_row *s, const struct stmt *q)
{
        *s = (struct seal_row){.home = stmt_int(q, 0),
                               .sequence = stmt_int(q, 1),
                               .day = stmt_int(q, 2),
                               .first = stmt_int(q, 3),
                               .last = stmt_int(q, 4),
                               .count = stmt_int(q, 5),
                               .sealed_at = stmt_int(q, 10)};
        bool root = copy_blob(s->root.b, HASH_BYTES, stmt_blob(q, 6));
        bool previous = copy_blob(s->previous.b, HASH_BYTES, stmt_blob(q, 7));
        bool head = copy_blob(s->head.b, HASH_BYTES, stmt_blob(q, 8));
        s->formed = root && previous && head && copy_blob(s->signature, 64, stmt_blob(q, 9));
}

static int seals(struct audit *a, struct error *err)
{
        struct stmt *q = NULL;
        struct seal_row before = {0}, s;
        audit_check_begin(a);
        int rc = tx_query(&q, a->tx, err,
                          "SELECT home, sequence, day, first_id, last_id, row_count, root, "
                          "previous, head, signature, sealed_at "
                          "FROM audit_seal ORDER BY home, sequence",
                          "");
        while ((rc = row_next(rc, q, err)) == 1) {
                read_seal(&s, q);
                seal_check_chain(a, &s, &before);
                rc = check_root(a, &s, err);
                seal_check_head(a, &s);
                before = s;
        }
        return rc;
}

static int seals_that_are_not(struct audit *a, struct error *err)
{
        struct stmt *q = NULL;
        audit_check_begin(a);
        int rc = tx_query(&q, a->tx, err,
                          "SELECT DISTINCT r.home, r.seal FROM audit_row r WHERE r.seal <> 0 AND NOT EXISTS "
                          "(SELECT 1 FROM audit_seal s WHERE s.home = r.home AND s.sequence = r.seal)",
                          "");
        while ((rc = row_next(rc, q, err)) == 1) {
                audit_tell(a, SB_AUDIT_SEAL_UNKNOWN, "audit_row", stmt_int(q, 0), stmt_int(q, 1), "seal", "", "");
        }
        return rc;
}

int audit_trail(struct audit *a, struct error *err)
{
        int rc = rows_of_all_homes(a, err);
        if (rc == 0) {
                rc = seals(a, err);
        }
        return rc == 0 ? seals_that_are_not(a, err) : rc;
}
