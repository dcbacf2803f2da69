/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail: each row's own hash, each seal's Merkle root over its rows, the chain of heads,
 * the signatures. The formulas are those that case/case.h promises, computed here anew.
 */
#include "office/audit/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 2000, LEVELS = 64 };

static void found(struct audit *a, enum error_code code, const char *table, int64_t home, int64_t id, const char *field,
                  const char *expected, const char *stored)
{
        char key[48];
        text_format(key, sizeof key, "%lld/%lld", (long long)home, (long long)id);
        struct audit_finding f = {.code = code,
                                  .table = table,
                                  .key = str_from(key),
                                  .field = str_from(field),
                                  .expected = str_from(expected),
                                  .found = str_from(stored)};
        audit_found(a, &f);
}

static void found_hash(struct audit *a, enum error_code code, const char *table, int64_t home, int64_t id, const char *field,
                       const struct hash *expected, struct str stored)
{
        char x[65], y[65] = "";
        struct hash h;
        if (stored.n == HASH_BYTES) {
                memcpy(h.b, stored.p, HASH_BYTES);
                hash_hex(&h, y);
        }
        found(a, code, table, home, id, field, hash_hex(expected, x), y);
}

static bool same_hash(const struct hash *h, struct str stored)
{
        return stored.n == HASH_BYTES && memcmp(h->b, stored.p, HASH_BYTES) == 0;
}

/* Columns as selected by ROWS below. */
static struct hash row_hash(const struct stmt *q)
{
        struct hash_state *s = hash_begin();
        char number[32];
        for (int column = 0; column <= 7; column++) {
                if (column == 5 || column == 6) {
                        struct str text = stmt_text(q, column);
                        hash_add(s, text.p, text.n);
                } else {
                        text_format(number, sizeof number, "%lld", (long long)stmt_int(q, column));
                        hash_add(s, number, strlen(number));
                }
                hash_add(s, "\n", 1);
        }
        struct str body = stmt_text(q, 8);
        hash_add(s, body.p, body.n);
        return hash_end(s);
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
                while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                        struct hash h = row_hash(q);
                        home = stmt_int(q, 0);
                        id = stmt_int(q, 1);
                        if (!same_hash(&h, stmt_blob(q, 9))) {
                                found_hash(a, SB_AUDIT_ROW_HASH, "audit_row", home, id, "hash", &h, stmt_blob(q, 9));
                        }
                        n++;
                        rc = 0;
                }
        } while (rc == 0 && n == PAGE);
        return rc;
}

struct seal_row {
        int64_t home, sequence, day, first, last, count, sealed_at;
        struct hash root, previous, head;
        unsigned char signature[64];
        bool formed; /* the blobs have their lengths */
};

static bool copy_blob(unsigned char *out, size_t n, struct str blob)
{
        memset(out, 0, n);
        if (blob.n != n) {
                return false;
        }
        memcpy(out, blob.p, n);
        return true;
}

/* Leaves of one seal in order of id, joined without keeping them: waiting[k] is the root of 2^k
 * leaves. Joining neighbours level by level and carrying an odd last one up is the same tree. */
struct tree {
        struct hash waiting[LEVELS];
        bool filled[LEVELS];
};

static void tree_add(struct tree *t, struct hash leaf)
{
        int level = 0;
        while (t->filled[level]) {
                leaf = hash_pair(&t->waiting[level], &leaf);
                t->filled[level++] = false;
        }
        t->waiting[level] = leaf;
        t->filled[level] = true;
}

static struct hash tree_root(const struct tree *t)
{
        struct hash root = {{0}};
        bool have = false;
        for (int level = 0; level < LEVELS; level++) {
                if (t->filled[level]) {
                        root = have ? hash_pair(&t->waiting[level], &root) : t->waiting[level];
                        have = true;
                }
        }
        return root;
}

static int check_root(struct audit *a, const struct seal_row *s, struct error *err)
{
        struct stmt *q = NULL;
        struct tree t = {.filled = {false}};
        int64_t id = INT64_MIN, first = 0, count = 0;
        int n = 0, rc = 0;
        do {
                n = 0;
                rc = tx_query(&q, a->tx, err,
                              "SELECT id, hash FROM audit_row WHERE home = ?1@int AND seal = "
                              "?2@int AND id > ?3@int "
                              "ORDER BY id LIMIT ?4@int",
                              "iiii", s->home, s->sequence, id, (int64_t)PAGE);
                while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                        struct hash leaf;
                        id = stmt_int(q, 0);
                        first = count++ == 0 ? id : first;
                        copy_blob(leaf.b, HASH_BYTES, stmt_blob(q, 1));
                        tree_add(&t, leaf);
                        n++;
                        rc = 0;
                }
        } while (rc == 0 && n == PAGE);
        struct hash root = tree_root(&t);
        if (rc == 0 && (count != s->count || first != s->first || id != s->last || memcmp(&root, &s->root, sizeof root) != 0)) {
                struct str stored = {(const char *)s->root.b, HASH_BYTES};
                found_hash(a, SB_AUDIT_SEAL_ROOT, "audit_seal", s->home, s->sequence, "root", &root, stored);
        }
        return rc;
}

static void check_head(struct audit *a, const struct seal_row *s)
{
        char text[192];
        struct hash_state *state = hash_begin();
        hash_add(state, "\x02", 1);
        hash_add(state, s->previous.b, HASH_BYTES);
        hash_add(state, s->root.b, HASH_BYTES);
        text_format(text, sizeof text, "%lld %lld %lld %lld %lld %lld", (long long)s->home, (long long)s->sequence,
                    (long long)s->day, (long long)s->first, (long long)s->last, (long long)s->count);
        hash_add(state, text, strlen(text));
        struct hash head = hash_end(state);
        bool day = s->day == instant_day(s->sealed_at);
        if (!s->formed || !day || memcmp(&head, &s->head, sizeof head) != 0) {
                struct str stored = {(const char *)s->head.b, HASH_BYTES};
                found_hash(a, SB_AUDIT_SEAL_HEAD, "audit_seal", s->home, s->sequence, day ? "head" : "day", &head, stored);
        }
        if (a->options->keys) {
                unsigned char public_key[32];
                keyring_public(a->options->keys, public_key);
                if (keyring_verify(public_key, hash_str(&s->head), s->signature, NULL) != 0) {
                        found(a, SB_AUDIT_SIGNATURE, "audit_seal", s->home, s->sequence, "signature", "", "");
                }
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
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                read_seal(&s, q);
                bool first = s.home != before.home;
                struct hash zero = {{0}};
                const struct hash *previous = first ? &zero : &before.head;
                int64_t sequence = first ? 1 : before.sequence + 1;
                if (s.sequence != sequence || memcmp(previous, &s.previous, sizeof *previous) != 0) {
                        struct str stored = {(const char *)s.previous.b, HASH_BYTES};
                        found_hash(a, SB_AUDIT_SEAL_CHAIN, "audit_seal", s.home, s.sequence, "previous", previous, stored);
                }
                rc = check_root(a, &s, err);
                check_head(a, &s);
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
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                found(a, SB_AUDIT_SEAL_UNKNOWN, "audit_row", stmt_int(q, 0), stmt_int(q, 1), "seal", "", "");
                rc = 0;
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
