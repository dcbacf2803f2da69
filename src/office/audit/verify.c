/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail as a file, and its verification without a database. A line of JSON each: {"trail":1}, then by home each seal
 * {"seal":{…}} followed by its rows {"row":[home, id, at, actor, office, verb, kind, subject, body, hash]}, in the end what is not sealed yet.
 */
#include "office/audit/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000 };

/* --- writing ------------------------------------------------------------------------------------------------------------------- */

struct writing {
        FILE *out;
        int64_t rows;
        struct buf line;
};

static json_t *hex_of(struct str bytes)
{
        char hex[2 * 64 + 1] = "";
        for (size_t i = 0; i < bytes.n && i < 64; i++) {
                text_format(hex + 2 * i, 3, "%02x", (unsigned char)bytes.p[i]);
        }
        return json_string(hex);
}

static int write_line(struct writing *w, json_t *o, struct error *err)
{
        buf_clear(&w->line);
        int rc = o ? json_canonical(&w->line, o, err) : error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0 && (fputs(buf_text(&w->line), w->out) < 0 || fputc('\n', w->out) < 0)) {
                rc = error_raise(err, SB_IO, "%s|%s", "trail", strerror(errno));
        }
        json_decref(o);
        return rc;
}

static int write_rows(struct writing *w, struct tx *tx, int64_t home, int64_t seal, struct error *err)
{
        struct stmt *q = NULL;
        int64_t last = INT64_MIN;
        int n = 0, rc = 0;
        do {
                n = 0;
                rc =
                    tx_query(&q, tx, err,
                             "SELECT home, id, at, actor, office, verb, subject_kind, subject, body, hash FROM audit_row WHERE "
                             "home = ?1@int AND seal = ?2@int AND id > ?3@int ORDER BY id LIMIT ?4@int",
                             "iiii", home, seal, last, (int64_t)PAGE);
                while ((rc = row_next(rc, q, err)) == 1) {
                        last = stmt_int(q, 1);
                        struct str verb = stmt_text(q, 5), kind = stmt_text(q, 6), body = stmt_text(q, 8);
                        json_t *row = json_pack("{s:[I,I,I,I,I,s%,s%,I,s%,o]}", "row", (json_int_t)stmt_int(q, 0),
                                                (json_int_t)last, (json_int_t)stmt_int(q, 2), (json_int_t)stmt_int(q, 3),
                                                (json_int_t)stmt_int(q, 4), verb.p, verb.n, kind.p, kind.n,
                                                (json_int_t)stmt_int(q, 7), body.p, body.n, hex_of(stmt_blob(q, 9)));
                        rc = write_line(w, row, err);
                        w->rows++;
                        n++;
                }
        } while (rc == 0 && n == PAGE);
        return rc;
}

struct place {
        int64_t home, sequence;
        bool open; /* what is not sealed yet of the home */
};

/* The seal after this one, or the home's rest, or the first seal of the next home. 1 there is one. */
static int next_place(struct place *p, struct writing *w, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = p->open
                     ? 0
                     : tx_one(&q, tx, err,
                              "SELECT home, sequence, day, first_id, last_id, row_count, root, previous, head, signature, "
                              "sealed_at FROM audit_seal WHERE home = ?1@int AND sequence > ?2@int ORDER BY sequence LIMIT 1",
                              "ii", p->home, p->sequence);
        if (rc == 0 && !p->open && p->home != INT64_MIN) {
                p->open = true;
                return 1;
        }
        if (rc == 0) {
                rc = tx_one(&q, tx, err, "SELECT home FROM audit_row WHERE home > ?1@int ORDER BY home LIMIT 1", "i", p->home);
                if (rc == 1) {
                        *p = (struct place){.home = stmt_int(q, 0)};
                        return next_place(p, w, tx, err);
                }
                return rc;
        }
        if (rc == 1) {
                p->sequence = stmt_int(q, 1);
                json_t *seal = json_pack(
                    "{s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o}}", "seal", "home", (json_int_t)stmt_int(q, 0), "sequence",
                    (json_int_t)p->sequence, "day", (json_int_t)stmt_int(q, 2), "first", (json_int_t)stmt_int(q, 3), "last",
                    (json_int_t)stmt_int(q, 4), "rows", (json_int_t)stmt_int(q, 5), "at", (json_int_t)stmt_int(q, 10), "root",
                    hex_of(stmt_blob(q, 6)), "previous", hex_of(stmt_blob(q, 7)), "head", hex_of(stmt_blob(q, 8)), "signature",
                    hex_of(stmt_blob(q, 9)));
                rc = write_line(w, seal, err);
        }
        return rc < 0 ? rc : 1;
}

static int write_trail(struct tx *tx, void *ctx, struct error *err)
{
        struct writing *w = ctx;
        struct place p = {.home = INT64_MIN};
        w->rows = 0;
        int rc = write_line(w, json_pack("{s:i}", "trail", 1), err);
        while (rc == 0 && (rc = next_place(&p, w, tx, err)) == 1) {
                rc = write_rows(w, tx, p.home, p.open ? 0 : p.sequence, err);
        }
        return rc;
}

int audit_trail_write(struct store *s, const char *path, int64_t *rows, struct error *err)
{
        struct writing w = {.out = fopen(path, "wxe")};
        if (!w.out) {
                return error_raise(err, SB_IO, "%s|%s", path, strerror(errno));
        }
        buf_init(&w.line, JSON_MAX_BYTES);
        int rc = store_read(s, write_trail, &w, err);
        if (fclose(w.out) != 0 && rc == 0) {
                rc = error_raise(err, SB_IO, "%s|%s", path, strerror(errno));
        }
        buf_dispose(&w.line);
        *rows = w.rows;
        return rc;
}

/* --- verifying ------------------------------------------------------------------------------------------------------------------ */

/* Heads by home and seal, that the anchors name. */
struct named {
        int64_t home, seal, rows;
        struct hash head;
        bool seen;
};

struct verifying {
        struct audit a;
        struct seal_row seal, before;
        struct tree tree;
        int64_t rows; /* under seals of the home, until now */
        struct named *named;
        size_t count;
};

static bool hash_in(const json_t *o, const char *name, struct hash *out)
{
        return hash_parse(out, str_from(json_text(o, name)), NULL) == 0;
}

static bool read_seal(struct seal_row *s, const json_t *o)
{
        const char *signature = json_text(o, "signature");
        struct hash a = {{0}}, b = {{0}};
        *s = (struct seal_row){0};
        bool good =
            strlen(signature) == 128 && hash_parse(&a, (struct str){signature, 64}, NULL) == 0 &&
            hash_parse(&b, (struct str){signature + 64, 64}, NULL) == 0 && json_get_int(o, "home", true, &s->home, NULL) == 0 &&
            json_get_int(o, "sequence", true, &s->sequence, NULL) == 0 && json_get_int(o, "day", true, &s->day, NULL) == 0 &&
            json_get_int(o, "first", true, &s->first, NULL) == 0 && json_get_int(o, "last", true, &s->last, NULL) == 0 &&
            json_get_int(o, "rows", true, &s->count, NULL) == 0 && json_get_int(o, "at", true, &s->sealed_at, NULL) == 0 &&
            hash_in(o, "root", &s->root) && hash_in(o, "previous", &s->previous) && hash_in(o, "head", &s->head);
        memcpy(s->signature, a.b, HASH_BYTES);
        memcpy(s->signature + HASH_BYTES, b.b, HASH_BYTES);
        s->formed = good;
        return good;
}

/* The seal whose rows were read is whole: its root, and whether an anchor names it. */
static void finish_seal(struct verifying *v)
{
        if (v->seal.sequence == 0) {
                return;
        }
        seal_check_root(&v->a, &v->seal, &v->tree);
        v->rows = (v->before.home == v->seal.home && v->before.sequence > 0 ? v->rows : 0) + v->tree.count;
        for (size_t i = 0; i < v->count; i++) {
                struct named *n = &v->named[i];
                if (n->home != v->seal.home || n->seal != v->seal.sequence) {
                        continue;
                }
                n->seen = true;
                if (memcmp(&n->head, &v->seal.head, sizeof n->head) != 0 || n->rows != v->rows) {
                        char x[65], y[65];
                        audit_tell(&v->a, SB_AUDIT_ANCHOR, "audit_seal", n->home, n->seal, "head", hash_hex(&n->head, x),
                                   hash_hex(&v->seal.head, y));
                }
        }
        v->before = v->seal;
        v->seal = (struct seal_row){0};
}

static bool take_seal(struct verifying *v, const json_t *o)
{
        finish_seal(v);
        if (!read_seal(&v->seal, o)) {
                return false;
        }
        audit_check_begin(&v->a);
        seal_check_chain(&v->a, &v->seal, &v->before);
        seal_check_head(&v->a, &v->seal);
        v->tree = (struct tree){.filled = {false}};
        return true;
}

static bool take_row(struct verifying *v, const json_t *r)
{
        int64_t n[6];
        struct hash stored;
        static const size_t numbers[] = {0, 1, 2, 3, 4, 7}, texts[] = {5, 6, 8, 9};
        if (json_array_size(r) != 10) {
                return false;
        }
        for (size_t i = 0; i < 6; i++) {
                if (!json_is_integer(json_array_get(r, numbers[i]))) {
                        return false;
                }
                n[i] = json_integer_value(json_array_get(r, numbers[i]));
        }
        for (size_t i = 0; i < 4; i++) {
                if (!json_is_string(json_array_get(r, texts[i]))) {
                        return false;
                }
        }
        if (hash_parse(&stored, str_from(json_string_value(json_array_get(r, 9))), NULL) != 0) {
                return false;
        }
        struct trail_row row = {.home = n[0],
                                .id = n[1],
                                .at = n[2],
                                .actor = n[3],
                                .office = n[4],
                                .subject = n[5],
                                .verb = str_from(json_string_value(json_array_get(r, 5))),
                                .kind = str_from(json_string_value(json_array_get(r, 6))),
                                .body = {json_string_value(json_array_get(r, 8)), json_string_length(json_array_get(r, 8))}};
        struct hash hash = trail_row_hash(&row);
        audit_check_begin(&v->a);
        if (memcmp(&hash, &stored, sizeof hash) != 0) {
                char x[65], y[65];
                audit_tell(&v->a, SB_AUDIT_ROW_HASH, "audit_row", row.home, row.id, "hash", hash_hex(&hash, x),
                           hash_hex(&stored, y));
        }
        if (v->seal.sequence > 0 && row.home == v->seal.home) {
                tree_add(&v->tree, row.id, &stored);
        }
        return true;
}

static int verify_lines(struct verifying *v, const char *path, FILE *in, struct error *err)
{
        char *text = NULL;
        size_t cap = 0;
        ssize_t n = 0;
        int number = 0, rc = 0;
        int64_t in_seal = 0;
        while (rc == 0 && (n = getline(&text, &cap, in)) > 0) {
                json_t *o = NULL;
                bool good = json_read(&o, (struct str){text, (size_t)n}, NULL) == 0;
                const json_t *seal = json_object_get(o, "seal"), *row = json_object_get(o, "row");
                number++;
                if (good && seal) {
                        good = take_seal(v, seal);
                        in_seal = v->seal.count;
                } else if (good && row) {
                        if (v->seal.sequence > 0 && v->tree.count >= in_seal) { /* what follows is not sealed yet */
                                finish_seal(v);
                        }
                        good = take_row(v, row);
                } else {
                        good = good && number == 1 && json_object_get(o, "trail");
                }
                json_decref(o);
                if (!good) {
                        rc = error_raise(err, SB_COMMAND_TRAIL, "%s|" ERROR_BOTH("the audit trail", "审计轨迹") "|%d", path,
                                         number);
                }
        }
        free(text);
        if (rc == 0) {
                finish_seal(v);
        }
        return rc;
}

static int name_heads(struct verifying *v, const struct anchor *x, struct error *err)
{
        size_t i;
        json_t *o;
        json_array_foreach(json_object_get(x->body, "homes"), i, o)
        {
                struct named *more = realloc(v->named, (v->count + 1) * sizeof *more);
                if (!more) {
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                v->named = more;
                struct named *n = &v->named[v->count++];
                *n = (struct named){0};
                json_get_int(o, "home", true, &n->home, NULL);
                json_get_int(o, "seal", true, &n->seal, NULL);
                json_get_int(o, "rows", true, &n->rows, NULL);
                hash_in(o, "head", &n->head);
        }
        return 0;
}

static int read_anchors(struct verifying *v, const char *path, struct error *err)
{
        struct anchor x = {0}, before = {0};
        struct buf text;
        struct str line;
        int number = 0;
        buf_init(&text, ANCHORS_MAX);
        int rc = file_read(&text, path, ANCHORS_MAX, err);
        struct str rest = {text.p, text.n};
        while (rc == 0 && line_next(&rest, &line, &number)) {
                rc = anchor_line(&x, line, path, number, err);
                audit_check_begin(&v->a);
                if (rc == 0) {
                        anchor_check(&v->a, &x, before.body ? &before : NULL);
                        rc = name_heads(v, &x, err);
                }
                anchor_dispose(&before);
                before = x;
                x = (struct anchor){0};
        }
        anchor_dispose(&before);
        buf_dispose(&text);
        return rc;
}

int audit_verify(struct audit_result *out, const char *trail, const char *anchors, const unsigned char *public_key,
                 audit_report *report, void *ctx, struct error *err)
{
        struct audit_options options = {.public_key = public_key};
        struct verifying v = {0};
        audit_begin(&v.a, &options, report, ctx);
        FILE *in = fopen(trail, "re");
        int rc = in ? read_anchors(&v, anchors, err) : error_raise(err, SB_IO, "%s|%s", trail, strerror(errno));
        if (rc == 0) {
                rc = verify_lines(&v, trail, in, err);
        }
        for (size_t i = 0; rc == 0 && i < v.count; i++) {
                if (!v.named[i].seen) {
                        audit_tell(&v.a, SB_AUDIT_ANCHOR_LOST, "audit_seal", v.named[i].home, v.named[i].seal, "", "", "");
                }
        }
        if (in) {
                fclose(in);
        }
        free(v.named);
        *out = v.a.result;
        return rc;
}
