/* SPDX-License-Identifier: Apache-2.0 */
#include "case/case.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Rows that one seal covers at most: a Merkle tree of this many leaves is in memory at once. */
#define SEAL_ROWS 4096

struct hash audit_row_hash(int32_t home, int64_t id, instant_t at, int64_t actor, int64_t office, const char *verb,
                           const char *subject_kind, int64_t subject, struct str body)
{
        char head[320];
        struct hash_state s = hash_begin();

        text_format(head, sizeof head, "%d\n%lld\n%lld\n%lld\n%lld\n%s\n%s\n%lld\n", home, (long long)id, (long long)at,
                    (long long)actor, (long long)office, verb, subject_kind, (long long)subject);
        hash_add(&s, head, strlen(head));
        hash_add(&s, body.p, body.n);
        return hash_end(&s);
}

/* What was done with access beyond one's office says so, in its row and in the list of that access. */
static int emergency_use(struct tx *tx, const struct call *c, int64_t id, instant_t at, const char *verb,
                         const char *subject_kind, int64_t subject, struct error *err)
{
        if (c->who.emergency == 0)
                return 0;
        return tx_exec(
            tx, err,
            "INSERT INTO emergency_use (access, audit, at, verb, subject_kind, subject) VALUES (?1@int, ?2@int, ?3@int, "
            "?4@text, ?5@text, ?6@int)",
            "iiitti", c->who.emergency, id, at, verb, subject_kind, subject);
}

static int body_text(struct buf *out, const struct call *c, const json_t *body, struct error *err)
{
        json_t *marked;

        if (c->who.emergency == 0 && body == NULL) {
                buf_add_text(out, "{}");
                return 0;
        }
        if (c->who.emergency == 0)
                return json_canonical(out, body, err);
        marked = body == NULL ? json_object() : json_copy((json_t *)(uintptr_t)body);
        int rc =
            marked == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_put_int(marked, "emergency", c->who.emergency, err);
        rc = rc ? rc : json_canonical(out, marked, err);
        json_decref(marked);
        return rc;
}

int audit_add(struct tx *tx, struct call *c, const char *verb, const char *subject_kind, int64_t subject, const json_t *body,
              struct error *err)
{
        struct house *h = c->house;
        instant_t at = clock_now(h->clock);
        struct buf text;
        int64_t id;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = ids_next(h->ids, &id, err);
        rc = rc ? rc : body_text(&text, c, body, err);
        rc = rc ? rc : buf_check(&text, err);
        rc = rc ? rc : emergency_use(tx, c, id, at, verb, subject_kind, subject, err);
        if (rc == 0) {
                struct hash hash = audit_row_hash(h->home, id, at, c->who.staff, c->who.office, verb, subject_kind, subject,
                                                  (struct str){text.p, text.n});
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO audit_row (home, id, at, actor, office, verb, subject_kind, subject, body, hash, seal) VALUES "
                    "(?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@text, ?8@int, ?9@text, ?10@blob, 0)",
                    "iiiiittitb", (int64_t)h->home, id, at, c->who.staff, c->who.office, verb, subject_kind, subject,
                    buf_text(&text), hash_str(&hash));
        }
        buf_dispose(&text);
        return rc;
}

struct sealing {
        struct house *house;
        instant_t before;
        struct hash leaves[SEAL_ROWS];
        int rows;
        int64_t first, last;
};

/* The next rows that no seal took, in order of id. */
static int rows_read(struct tx *tx, struct sealing *s, struct error *err)
{
        struct stmt *q = NULL;

        s->rows = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, hash FROM audit_row WHERE home = ?1@int AND seal = 0 AND at < ?2@int ORDER BY id LIMIT ?3@int",
                     "iii", (int64_t)s->house->home, s->before, (int64_t)SEAL_ROWS);
        while ((rc = row_next(rc, q, err)) == 1) {
                if (!hash_take(&s->leaves[s->rows], stmt_blob(q, 1)))
                        return error_raise(err, SB_CASE_AUDIT_ROW, "%lld", (long long)stmt_int(q, 0));
                if (s->rows == 0)
                        s->first = stmt_int(q, 0);
                s->last = stmt_int(q, 0);
                s->rows++;
        }
        return rc;
}

/* Root of a Merkle tree: neighbours are paired; a last one without neighbour goes up as it is. */
static struct hash merkle_root(struct hash *leaves, int n)
{
        assert(n > 0);
        while (n > 1) {
                int up = 0;
                for (int i = 0; i < n; i += 2)
                        leaves[up++] = i + 1 < n ? hash_pair(&leaves[i], &leaves[i + 1]) : leaves[i];
                n = up;
        }
        return leaves[0];
}

static int seal_insert(struct tx *tx, struct sealing *s, int64_t sequence, const struct hash *previous, struct error *err)
{
        struct house *h = s->house;
        int rows = s->rows;
        day_t day = clock_today(h->clock);
        int64_t taken = 0;
        struct hash root = merkle_root(s->leaves, rows);
        struct hash head;
        unsigned char signature[64];
        char text[128];
        struct hash_state state = hash_begin();

        text_format(text, sizeof text, "%d %lld %d %lld %lld %d", h->home, (long long)sequence, day, (long long)s->first,
                    (long long)s->last, rows);
        hash_add(&state, "\x02", 1);
        hash_add(&state, previous->b, HASH_BYTES);
        hash_add(&state, root.b, HASH_BYTES);
        hash_add(&state, text, strlen(text));
        head = hash_end(&state);
        keyring_sign(h->keys, hash_str(&head), signature);
        int rc = tx_exec_changed(
            tx, &taken, err,
            "UPDATE audit_row SET seal = ?2@int WHERE home = ?1@int AND seal = 0 AND at < ?3@int AND id >= ?4@int "
            "AND id <= ?5@int",
            "iiiii", (int64_t)h->home, sequence, s->before, s->first, s->last);
        if (rc == 0 && taken != rows) /* a row was committed in between: again, with it */
                rc = error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
        if (rc < 0)
                return rc;
        return tx_exec(
            tx, err,
            "INSERT INTO audit_seal (home, sequence, day, first_id, last_id, row_count, root, previous, head, signature, "
            "sealed_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@blob, ?8@blob, ?9@blob, ?10@blob, ?11@int)",
            "iiiiiibbbbi", (int64_t)h->home, sequence, (int64_t)day, s->first, s->last, (int64_t)rows, hash_str(&root),
            hash_str(previous), hash_str(&head), (struct str){(const char *)signature, sizeof signature}, clock_now(h->clock));
}

static int seal_one(struct tx *tx, void *ctx, struct error *err)
{
        struct sealing *s = ctx;
        struct hash previous = {{0}};
        int64_t sequence = 0;
        struct stmt *q;

        int rc = tx_one(&q, tx, err, "SELECT sequence, head FROM audit_seal WHERE home = ?1@int ORDER BY sequence DESC LIMIT 1",
                        "i", (int64_t)s->house->home);
        if (rc < 0)
                return rc;
        if (rc == 1) {
                sequence = stmt_int(q, 0);
                if (!hash_take(&previous, stmt_blob(q, 1)))
                        return error_raise(err, SB_CASE_AUDIT_ROW, "%lld", (long long)sequence);
        }
        rc = rows_read(tx, s, err);
        if (rc < 0 || s->rows == 0)
                return rc;
        return seal_insert(tx, s, sequence + 1, &previous, err);
}

int audit_seal(struct house *h, instant_t before, int *sealed, struct error *err)
{
        struct sealing *s = calloc(1, sizeof *s);
        int rc = s == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        *sealed = 0;
        while (rc == 0) {
                *s = (struct sealing){.house = h, .before = before};
                rc = store_write(h->store, seal_one, s, err);
                if (rc < 0 || s->rows == 0)
                        break;
                *sealed += s->rows;
        }
        free(s);
        return rc;
}
