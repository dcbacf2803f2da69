/* SPDX-License-Identifier: Apache-2.0 */
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "store/sqlite_guard.h"

#include "store/sqlite.h"
#include "store/sums.h"

#include <stdlib.h>
#include <string.h>

enum { ROW_MAX = 1 << 28 };

struct heard {
        bool touched; /* by the closure that runs */
        struct sum job;
        int64_t job_rows;
};

struct guard {
        struct sums sums; /* first */
        sqlite3 *db;
        struct buf row; /* the bytes of a row */
        struct heard heard[SUMS_TABLES_MAX];
};

static struct guard *guard_of(struct sums *s)
{
        return (struct guard *)(void *)s;
}

/* --- the hash of a row ------------------------------------------------------------------------------------------------------------ */

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

static void row_begin(struct guard *g, const char *table)
{
        buf_clear(&g->row);
        buf_add_text(&g->row, table);
        buf_add_char(&g->row, '\n');
}

static struct sum row_end(struct guard *g)
{
        struct hash h = {{0}};
        if (g->row.failed) {
                g->sums.failed = true;
        } else {
                h = sums_keyed(&g->sums, g->row.p, g->row.n);
        }
        return sum_of(h.b);
}

typedef int row_value(sqlite3 *db, int column, sqlite3_value **out);

/* The row that the hook tells of, by one of its two questions. */
static struct sum row_told(struct guard *g, const char *table, row_value *ask)
{
        int columns = sqlite3_preupdate_count(g->db);
        row_begin(g, table);
        for (int i = 0; i < columns; i++) {
                sqlite3_value *v = NULL;
                if (ask(g->db, i, &v) == SQLITE_OK) {
                        add_value(&g->row, i, v);
                } else {
                        g->sums.failed = true;
                }
        }
        return row_end(g);
}

static void changed(void *ctx, sqlite3 *db, int op, char const *schema, char const *name, sqlite3_int64 key,
                    sqlite3_int64 new_key)
{
        struct guard *g = ctx;
        (void)db;
        (void)key;
        (void)new_key;
        if (strcmp(schema, "main") != 0 || strncmp(name, "sqlite_", 7) == 0) {
                return;
        }
        struct sums_table *t = sums_table(&g->sums, name);
        if (!t || t->out) {
                g->sums.full |= !t;
                return;
        }
        struct heard *h = &g->heard[t - g->sums.tables];
        h->touched = true;
        if (op != SQLITE_INSERT) {
                struct sum s = row_told(g, t->name, sqlite3_preupdate_old);
                sum_take(&h->job, &s);
                h->job_rows--;
        }
        if (op != SQLITE_DELETE) {
                struct sum s = row_told(g, t->name, sqlite3_preupdate_new);
                sum_add(&h->job, &s);
                h->job_rows++;
        }
}

/* --- what the sums ask of SQLite ------------------------------------------------------------------------------------------------- */

/* The values as SQLite keeps them: not through the store, which knows columns by their declared type. */
static int scan(struct sums *s, struct tx *tx, struct sums_table *t, struct sum *total, int64_t *rows, struct error *err)
{
        struct guard *g = guard_of(s);
        char sql[2 * SUMS_NAME_BYTES + 32];
        sqlite3_stmt *q = NULL;
        int rc = 0;
        (void)tx;
        *total = (struct sum){{0}};
        *rows = 0;
        sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM \"%w\"", t->name); /* who makes a table may name it with quotes */
        int code = sqlite3_prepare_v2(g->db, sql, -1, &q, NULL);
        code = code == SQLITE_OK ? sqlite3_step(q) : code;
        for (; code == SQLITE_ROW && rc == 0; code = sqlite3_step(q)) {
                row_begin(g, t->name);
                for (int i = 0; i < sqlite3_column_count(q); i++) {
                        add_value(&g->row, i, sqlite3_column_value(q, i));
                }
                struct sum x = row_end(g);
                sum_add(total, &x);
                ++*rows;
                rc = s->failed ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        rc = rc == 0 && code != SQLITE_DONE ? sqlite_raise(g->db, "table_digest", err) : rc;
        sqlite3_finalize(q);
        return rc;
}

static void forget(struct sums *s, struct sums_table *t)
{
        guard_of(s)->heard[t - s->tables] = (struct heard){.job_rows = 0};
}

static const struct sums_engine sqlite_sums = {
    /* Asked at each commit: of the schema that is in memory, not by reading through sqlite_master. */
    .exists = "SELECT 1 FROM pragma_table_list('table_digest') WHERE schema = 'main' AND type = 'table'",
    .names = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
    .there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1@text",
    /* Its own definition and its triggers. */
    .shape =
        "SELECT type || char(10) || name || char(10) || sql FROM sqlite_master WHERE tbl_name = ?1@text AND type IN ('table', "
        "'trigger') ORDER BY type, name",
    .scan = scan,
    .forget = forget,
};

/* --- what sqlite.c calls ----------------------------------------------------------------------------------------------------------- */

static struct guard *make(sqlite3 *db, const struct store_guard *how)
{
        struct guard *g = calloc(1, sizeof *g);
        if (g) {
                sums_init(&g->sums, &sqlite_sums, how);
                g->db = db;
                buf_init(&g->row, ROW_MAX);
        }
        return g;
}

int guard_new(struct guard **out, sqlite3 *db, struct tx *tx, const struct store_guard *how, struct error *err)
{
        struct guard *g = make(db, how);
        if (!g) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        bool kept = false;
        int rc = sums_refresh(&g->sums, tx, &kept, err);
        if (rc == 0) {
                sqlite3_preupdate_hook(db, changed, g);
                *out = g;
                g = NULL;
        }
        guard_free(g);
        return rc;
}

void guard_free(struct guard *g)
{
        if (g) {
                buf_dispose(&g->row);
                free(g);
        }
}

void guard_job(struct guard *g, bool kept)
{
        if (g && !kept) {
                g->sums.version = -1; /* what was read may be undone with it */
        }
        for (int i = 0; g && i < g->sums.count; i++) {
                struct sums_table *t = &g->sums.tables[i];
                struct heard *h = &g->heard[i];
                if (h->touched && kept) {
                        sum_add(&t->delta, &h->job);
                        t->delta_rows += h->job_rows;
                        t->group = true;
                }
                *h = (struct heard){.job_rows = 0};
        }
}

void guard_end(struct guard *g, bool committed)
{
        if (g) {
                sums_end(&g->sums);
        }
        if (g && !committed) {
                g->sums.version = -1;
                g->sums.failed = g->sums.full = false;
        }
}

int guard_flush(struct guard *g, struct tx *tx, struct error *err)
{
        bool any = g->sums.full || g->sums.failed, kept = false;
        for (int i = 0; i < g->sums.count; i++) {
                any = any || g->sums.tables[i].group;
        }
        int rc = any ? sums_whole(&g->sums, err) : 0;
        rc = rc == 0 && any ? sums_refresh(&g->sums, tx, &kept, err) : rc;
        return rc == 0 && kept && g->sums.sound ? sums_write(&g->sums, tx, err) : rc;
}

int guard_migration(struct guard *g, struct tx *tx, bool after, struct error *err)
{
        return g ? sums_migration(&g->sums, tx, after, err) : 0;
}

int guard_accept(struct guard *g, struct tx *tx, const char *table, struct error *err)
{
        bool kept = false;
        int rc = g ? sums_refresh(&g->sums, tx, &kept, err) : 0;
        return rc == 0 && kept ? sums_accept(&g->sums, tx, table, err) : rc;
}

int guard_check(sqlite3 *db, struct tx *tx, const struct store_guard *how, const char *only, store_guard_tell *tell, void *ctx,
                bool *kept, struct error *err)
{
        struct guard *g = make(db, how);
        int rc = g ? sums_check(&g->sums, tx, only, tell, ctx, kept, err) : error_raise(err, SB_MEMORY, "%s", "");
        guard_free(g);
        return rc;
}
