/* SPDX-License-Identifier: Apache-2.0
 *
 * What is summed is a keyed hash of each row, so that a row may come and go in any order and only who has the key can say what the sum
 * becomes. SQLite's preupdate hook tells the old and the new row of every change of the connection.
 */
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "store/sqlite_sums.h"

#include "store/sqlite.h"

#include <string.h>

/* --- numbers of 256 bits ---------------------------------------------------------------------------------------------------------- */

void sum_add(struct sum *s, const struct sum *x)
{
        uint64_t carry = 0;
        for (int i = 0; i < 4; i++) {
                uint64_t a = s->w[i] + x->w[i], b = a + carry;
                carry = (uint64_t)(a < x->w[i]) + (uint64_t)(b < a);
                s->w[i] = b;
        }
}

void sum_take(struct sum *s, const struct sum *x)
{
        struct sum minus = {{~x->w[0], ~x->w[1], ~x->w[2], ~x->w[3]}};
        const struct sum one = {{1, 0, 0, 0}};
        sum_add(s, &minus);
        sum_add(s, &one);
}

struct sum sum_of(const unsigned char b[HASH_BYTES])
{
        struct sum s;
        memcpy(s.w, b, sizeof s.w);
        return s;
}

/* --- the hash of a row ------------------------------------------------------------------------------------------------------------ */

static struct hash keyed(const struct guard *g, const void *bytes, size_t n)
{
        return hash_keyed(g->how.key, bytes, n);
}

static void add_number(struct buf *b, int column, char type, int64_t n)
{
        unsigned char head[12] = {(unsigned char)(column >> 8), (unsigned char)column, (unsigned char)type};
        memcpy(head + 3, &n, sizeof n);
        buf_add(b, head, 11);
}

static void add_value(struct buf *b, int column, sqlite3_value *v)
{
        int type = sqlite3_value_type(v);
        if (type == SQLITE_FLOAT) {
                double x = sqlite3_value_double(v);
                int64_t bits = 0;
                memcpy(&bits, &x, sizeof bits);
                if (x >= -9e15 && x <= 9e15 && x == (double)(int64_t)x) { /* may be stored as a whole number */
                        type = SQLITE_INTEGER;
                } else {
                        add_number(b, column, 'r', bits);
                }
        }
        if (type == SQLITE_NULL) {
                add_number(b, column, 'n', 0);
        } else if (type == SQLITE_INTEGER) {
                add_number(b, column, 'i', sqlite3_value_int64(v));
        } else if (type != SQLITE_FLOAT) {
                const void *p = type == SQLITE_TEXT ? (const void *)sqlite3_value_text(v) : sqlite3_value_blob(v);
                int n = sqlite3_value_bytes(v);
                add_number(b, column, type == SQLITE_TEXT ? 't' : 'b', n);
                if (n > 0) {
                        buf_add(b, p, (size_t)n);
                }
        }
}

static void row_begin(struct guard *g, const struct table *t)
{
        buf_clear(&g->row);
        buf_add_text(&g->row, t->name);
        buf_add_char(&g->row, '\n');
}

static struct sum row_end(struct guard *g)
{
        struct hash h = {{0}};
        if (g->row.failed) {
                g->failed = true;
        } else {
                h = keyed(g, g->row.p, g->row.n);
        }
        return sum_of(h.b);
}

/* --- tables ----------------------------------------------------------------------------------------------------------------------- */

struct table *guard_table(struct guard *g, const char *name)
{
        uint32_t h = 2166136261u;
        for (const char *p = name; *p != '\0'; p++) {
                h = (h ^ (unsigned char)*p) * 16777619u;
        }
        for (uint32_t i = h % SLOTS;; i = (i + 1) % SLOTS) {
                if (g->slots[i] != 0) {
                        if (strcmp(g->tables[g->slots[i] - 1].name, name) == 0) {
                                return &g->tables[g->slots[i] - 1];
                        }
                        continue;
                }
                if (g->count == TABLES_MAX || strlen(name) >= NAME_MAX_BYTES) {
                        return NULL;
                }
                struct table *t = &g->tables[g->count++];
                g->slots[i] = (int16_t)g->count;
                text_copy(t->name, sizeof t->name, str_from(name));
                t->out = strncmp(name, "sqlite_", 7) == 0 || strcmp(name, "table_digest") == 0;
                for (const char *const *x = g->how.left_out; *x && !t->out; x++) {
                        t->out = strcmp(*x, name) == 0;
                }
                return t;
        }
}

/* The sum of the row before or after the change. */
static struct sum row_of(struct guard *g, const struct table *t, sqlite3 *db, int (*value)(sqlite3 *, int, sqlite3_value **))
{
        row_begin(g, t);
        for (int i = 0; i < sqlite3_preupdate_count(db); i++) {
                sqlite3_value *v = NULL;
                if (value(db, i, &v) == SQLITE_OK) {
                        add_value(&g->row, i, v);
                } else {
                        g->failed = true;
                }
        }
        return row_end(g);
}

void guard_changed(void *ctx, sqlite3 *db, int op, char const *schema, char const *name, sqlite3_int64 key,
                   sqlite3_int64 new_key)
{
        struct guard *g = ctx;
        (void)key;
        (void)new_key;
        if (strcmp(schema, "main") != 0) {
                return;
        }
        struct table *t = guard_table(g, name);
        if (!t) {
                g->full = true;
                return;
        }
        if (t->out) {
                return;
        }
        t->touched = true;
        if (op != SQLITE_INSERT) {
                struct sum s = row_of(g, t, db, sqlite3_preupdate_old);
                sum_take(&t->job, &s);
                t->job_rows--;
        }
        if (op != SQLITE_DELETE) {
                struct sum s = row_of(g, t, db, sqlite3_preupdate_new);
                sum_add(&t->job, &s);
                t->job_rows++;
        }
}

/* --- statements of this file ------------------------------------------------------------------------------------------------------- */

int guard_ask(sqlite3_stmt **q, sqlite3 *db, const char *sql, struct error *err)
{
        return sqlite3_prepare_v2(db, sql, -1, q, NULL) == SQLITE_OK ? 0 : sqlite_raise(db, "table_digest", err);
}

/* 1 a row, 0 none. */
int guard_next(sqlite3_stmt *q, struct error *err)
{
        int code = sqlite3_step(q);
        return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : sqlite_raise(sqlite3_db_handle(q), "table_digest", err);
}

/* What makes the table what it is: its own definition and its triggers. */
int guard_shape(sqlite3 *db, const char *table, char out[65], struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct hash_state s = hash_begin();
        int rc =
            guard_ask(&q, db,
                      "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ?1 AND type IN ('table', 'trigger') ORDER BY "
                      "type, name",
                      err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, table, -1, SQLITE_TRANSIENT);
        }
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                for (int i = 0; i < 3; i++) {
                        hash_add(&s, sqlite3_column_text(q, i), (size_t)sqlite3_column_bytes(q, i));
                        hash_add(&s, "\n", 1);
                }
                rc = 0;
        }
        struct hash h = hash_end(&s);
        sqlite3_finalize(q);
        hash_hex(&h, out);
        return rc;
}

/* The sum of a table as it stands. */
int guard_scan(struct guard *g, const struct table *t, struct sum *total, int64_t *rows, struct error *err)
{
        char sql[2 * NAME_MAX_BYTES + 32];
        sqlite3_stmt *q = NULL;
        *total = (struct sum){{0}};
        *rows = 0;
        sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM \"%w\"", t->name); /* who makes a table may name it with quotes */
        int rc = guard_ask(&q, g->db, sql, err);
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                row_begin(g, t);
                for (int i = 0; i < sqlite3_column_count(q); i++) {
                        add_value(&g->row, i, sqlite3_column_value(q, i));
                }
                struct sum s = row_end(g);
                sum_add(total, &s);
                ++*rows;
                rc = g->failed ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        sqlite3_finalize(q);
        return rc;
}

struct hash guard_mac(const struct guard *g, const char *name, int64_t version, int64_t rows, const struct sum *total,
                      const char *shape)
{
        char text[NAME_MAX_BYTES + 256], hex[65];
        struct hash h;
        memcpy(h.b, total->w, sizeof h.b);
        text_format(text, sizeof text, "digest\n%s\n%lld\n%lld\n%s\n%s", name, (long long)version, (long long)rows,
                    hash_hex(&h, hex), shape);
        return keyed(g, text, strlen(text));
}
