/* SPDX-License-Identifier: Apache-2.0
 *
 * The anchors (case/anchor.h), read anew: chain and signatures, the seals that they name, and the copy that was kept elsewhere.
 */
#include "office/audit/internal.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

static void tell(struct audit *a, const struct anchor *x, const char *field, const char *expected, const char *found)
{
        audit_tell(a, SB_AUDIT_ANCHOR, "anchor", 0, x->sequence, field, expected, found);
}

static bool hash_field(const json_t *o, const char *name, struct hash *out)
{
        return hash_parse(out, str_from(json_text(o, name)), NULL) == 0;
}

/* Takes body over. false: it is no body of an anchor. */
static bool anchor_of(struct anchor *out, json_t *body)
{
        struct buf text;
        *out = (struct anchor){.body = body};
        buf_init(&text, LINE_MAX_BYTES);
        bool good = json_is_object(body) && json_is_array(json_object_get(body, "homes")) &&
                    json_get_int(body, "anchor", true, &out->sequence, NULL) == 0 &&
                    hash_field(body, "previous", &out->previous) && json_canonical(&text, body, NULL) == 0;
        if (good) {
                struct hash_state s = hash_begin();
                hash_add(&s, "shebao anchor\n", 14);
                hash_add(&s, text.p, text.n);
                out->hash = hash_end(&s);
        }
        buf_dispose(&text);
        return good;
}

void anchor_dispose(struct anchor *x)
{
        json_decref(x->body);
        x->body = NULL;
}

static bool signature_of(const char *hex, unsigned char out[64])
{
        for (size_t i = 0; i < 2; i++) {
                struct hash half;
                if (strlen(hex) != 128 || hash_parse(&half, (struct str){hex + 64 * i, 64}, NULL) != 0) {
                        return false;
                }
                memcpy(out + HASH_BYTES * i, half.b, HASH_BYTES);
        }
        return true;
}

int anchor_line(struct anchor *out, struct str line, const char *path, int number, struct error *err)
{
        json_t *o = NULL;
        bool good = json_read(&o, line, NULL) == 0 && anchor_of(out, json_incref(json_object_get(o, "body"))) &&
                    signature_of(json_text(o, "signature"), out->signature);
        json_decref(o);
        return good ? 0 : error_raise(err, SB_COMMAND_TRAIL, "%s|" ERROR_BOTH("anchors", "锚定记录") "|%d", path, number);
}

bool anchor_check(struct audit *a, const struct anchor *x, const struct anchor *before)
{
        struct hash zero = {{0}};
        const struct hash *previous = before ? &before->hash : &zero;
        char expected[65], found[65];
        if (x->sequence != (before ? before->sequence + 1 : 1) || memcmp(previous, &x->previous, sizeof zero) != 0) {
                tell(a, x, "previous", hash_hex(previous, expected), hash_hex(&x->previous, found));
                return false;
        }
        if (a->signatures && keyring_verify(a->public_key, hash_str(&x->hash), x->signature, NULL) != 0) {
                tell(a, x, "signature", "", "");
                return false;
        }
        return true;
}

/* What it says of the homes, against the seals of the database. */
static int check_homes(struct audit *a, const struct anchor *x, struct error *err)
{
        size_t i;
        json_t *o;
        int rc = 0;
        json_array_foreach(json_object_get(x->body, "homes"), i, o)
        {
                int64_t home = 0, seal = 0, rows = 0;
                struct hash head = {{0}};
                struct stmt *q = NULL;
                char hex[65] = "";
                json_get_int(o, "home", true, &home, NULL);
                json_get_int(o, "seal", true, &seal, NULL);
                json_get_int(o, "rows", true, &rows, NULL);
                bool formed = hash_field(o, "head", &head);
                rc = rc < 0 ? rc
                            : tx_one(&q, a->tx, err, "SELECT head FROM audit_seal WHERE home = ?1@int AND sequence = ?2@int",
                                     "ii", home, seal);
                if (rc < 0) {
                        return rc;
                }
                if (!formed || rc == 0 || !str_equal(stmt_blob(q, 0), hash_str(&head))) {
                        audit_tell(a, SB_AUDIT_ANCHOR, "audit_seal", home, seal, "head", hash_hex(&head, hex), "");
                        continue;
                }
                rc = tx_one(&q, a->tx, err,
                            "SELECT CAST(SUM(row_count) AS @int) FROM audit_seal WHERE home = ?1@int AND sequence <= ?2@int",
                            "ii", home, seal);
                if (rc == 1 && stmt_int(q, 0) != rows) {
                        audit_tell(a, SB_AUDIT_ANCHOR, "audit_seal", home, seal, "rows", "", "");
                }
        }
        return rc < 0 ? rc : 0;
}

static int read_row(struct anchor *out, const struct stmt *q, bool *formed)
{
        json_t *body = NULL;
        struct str hash = stmt_blob(q, 3), signature = stmt_blob(q, 4);
        char date[16];
        *formed = json_read(&body, stmt_text(q, 2), NULL) == 0 && anchor_of(out, body);
        if (!*formed && out->body == NULL) {
                *out = (struct anchor){.body = body};
        }
        *formed = *formed && out->sequence == stmt_int(q, 0) && signature.n == 64 && str_equal(hash, hash_str(&out->hash)) &&
                  strcmp(json_text(out->body, "day"), day_text((day_t)stmt_int(q, 1), date)) == 0 &&
                  strcmp(json_text(out->body, "at"), instant_text(stmt_int(q, 5), (char[32]){0})) == 0;
        out->sequence = stmt_int(q, 0);
        if (signature.n == 64) {
                memcpy(out->signature, signature.p, 64);
        }
        return 0;
}

/* All anchors, read whole before their seals are looked up: there is one a day. */
struct list {
        struct anchor *x;
        size_t count, cap;
};

static int read_all(struct audit *a, struct list *l, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, a->tx, err, "SELECT sequence, day, body, hash, signature, at FROM anchor ORDER BY sequence", "");
        while ((rc = row_next(rc, q, err)) == 1) {
                if (l->count == l->cap) {
                        size_t cap = l->cap ? 2 * l->cap : 64;
                        struct anchor *more = realloc(l->x, cap * sizeof *more);
                        if (!more) {
                                return error_raise(err, SB_MEMORY, "%s", "");
                        }
                        l->x = more;
                        l->cap = cap;
                }
                bool formed = false;
                struct anchor *x = &l->x[l->count++];
                *x = (struct anchor){0};
                rc = read_row(x, q, &formed);
                if (!formed) {
                        tell(a, x, "body", "", "");
                }
        }
        return rc;
}

bool line_next(struct str *rest, struct str *line, int *number)
{
        while (rest->n > 0) {
                const char *end = memchr(rest->p, '\n', rest->n);
                *line = (struct str){rest->p, end ? (size_t)(end - rest->p) : rest->n};
                size_t taken = end ? line->n + 1 : line->n;
                rest->p += taken;
                rest->n -= taken;
                ++*number;
                if (line->n > 0) {
                        return true;
                }
        }
        return false;
}

/* The copy that was kept elsewhere: what it holds the database holds. */
static int check_file(struct audit *a, const struct list *l, struct error *err)
{
        struct anchor x = {0}, before = {0};
        struct buf text;
        struct str line;
        int number = 0;
        audit_check_begin(a);
        buf_init(&text, ANCHORS_MAX);
        int rc = file_read(&text, a->options->anchors, ANCHORS_MAX, err);
        struct str rest = {text.p, text.n};
        while (rc == 0 && line_next(&rest, &line, &number)) {
                rc = anchor_line(&x, line, a->options->anchors, number, err);
                if (rc == 0) {
                        anchor_check(a, &x, before.body ? &before : NULL);
                        bool there = false;
                        for (size_t i = 0; i < l->count && !there; i++) {
                                there = memcmp(&l->x[i].hash, &x.hash, sizeof x.hash) == 0;
                        }
                        if (!there) {
                                audit_tell(a, SB_AUDIT_ANCHOR_LOST, "anchor", 0, x.sequence, "", json_text(x.body, "day"), "");
                        }
                }
                anchor_dispose(&before);
                before = x;
                x = (struct anchor){0};
        }
        anchor_dispose(&before);
        buf_dispose(&text);
        return rc;
}

int audit_anchors(struct audit *a, struct error *err)
{
        struct list l = {0};
        audit_check_begin(a);
        int rc = read_all(a, &l, err);
        for (size_t i = 0; rc == 0 && i < l.count; i++) {
                if (l.x[i].body != NULL && anchor_check(a, &l.x[i], i > 0 ? &l.x[i - 1] : NULL)) {
                        rc = check_homes(a, &l.x[i], err);
                }
        }
        if (rc == 0 && a->options->anchors) {
                rc = check_file(a, &l, err);
        }
        for (size_t i = 0; i < l.count; i++) {
                anchor_dispose(&l.x[i]);
        }
        free(l.x);
        return rc;
}
