/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the sums (table_digest): read, compared and written in the transactions of the writing connection, around a migration,
 * and for the auditor.
 */
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "store/sqlite_sums.h"

#include <stdlib.h>
#include <string.h>

static int table_exists(sqlite3 *db, bool *there, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = guard_ask(&q, db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'table_digest'", err);
        rc = rc ? rc : guard_next(q, err);
        sqlite3_finalize(q);
        *there = rc == 1;
        return rc < 0 ? rc : 0;
}

static int write_row(struct guard *g, const char *name, int64_t version, int64_t rows, const struct sum *total,
                     const char *shape, struct hash *mac, struct error *err)
{
        sqlite3_stmt *q = NULL;
        *mac = guard_mac(g, name, version, rows, total, shape);
        int rc =
            guard_ask(&q, g->db,
                      "INSERT INTO table_digest (name, version, row_count, total, shape, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                      "ON CONFLICT "
                      "(name) DO UPDATE SET version = ?2, row_count = ?3, total = ?4, shape = ?5, mac = ?6",
                      err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, name, -1, SQLITE_TRANSIENT);
                sqlite3_bind_int64(q, 2, version);
                sqlite3_bind_int64(q, 3, rows);
                sqlite3_bind_blob(q, 4, total->w, sizeof total->w, SQLITE_TRANSIENT);
                sqlite3_bind_text(q, 5, shape, -1, SQLITE_TRANSIENT);
                sqlite3_bind_blob(q, 6, mac->b, sizeof mac->b, SQLITE_TRANSIENT);
                rc = guard_next(q, err);
        }
        sqlite3_finalize(q);
        return rc;
}

/* A blob of 32 bytes; zero when it is another. */
static struct hash blob_of(sqlite3_stmt *q, int column)
{
        struct hash h;
        const char *p = sqlite3_column_blob(q, column);
        (void)hash_take(&h, (struct str){p, (size_t)sqlite3_column_bytes(q, column)});
        return h;
}

/* One row of table_digest: a table's, or the one that stands for all. Is it genuine? */
static bool take_row(struct guard *g, sqlite3_stmt *q, const char *name, struct sum *macs)
{
        const char *shape = (const char *)sqlite3_column_text(q, 4);
        int64_t version = sqlite3_column_int64(q, 1), rows = sqlite3_column_int64(q, 2);
        struct hash bytes = blob_of(q, 3), mac = blob_of(q, 5);
        struct sum total = sum_of(bytes.b), x = sum_of(mac.b);
        struct hash right = guard_mac(g, name, version, rows, &total, shape);
        bool genuine = memcmp(&right, &mac, sizeof mac) == 0;
        if (name[0] == '\0') {
                g->version = version;
                g->sound = genuine;
                g->head = total;
                g->head_mac = mac;
                return genuine;
        }
        struct table *t = guard_table(g, name);
        sum_add(macs, &x);
        if (t) { /* else nobody with the key wrote it */
                t->known = true;
                t->wrong = !genuine;
                t->total = total;
                t->rows = rows;
                t->mac = mac;
                text_copy(t->shape, sizeof t->shape, str_from(shape));
        }
        return genuine;
}

/* All rows of table_digest. A row that is not genuine is left as it is, for the auditor to find. */
static int load(struct guard *g, store_guard_tell *tell, void *ctx, struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct sum macs = {{0}};
        for (int i = 0; i < g->count; i++) {
                g->tables[i].known = false;
        }
        g->sound = g->any = false;
        g->version = 0;
        int rc = guard_ask(&q, g->db, "SELECT name, version, row_count, total, shape, mac FROM table_digest", err);
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                const char *name = (const char *)sqlite3_column_text(q, 0);
                bool genuine = take_row(g, q, name, &macs);
                rc = 0;
                g->any = true;
                if (!genuine && tell) {
                        tell(ctx, "table_digest", name, 0, 0);
                }
        }
        sqlite3_finalize(q);
        if (rc == 0 && g->sound && tell && memcmp(&macs, &g->head, sizeof macs) != 0) {
                tell(ctx, "table_digest", "", 0, 0);
        }
        return rc;
}

/* A table's row anew; what stands for all follows. */
static int put(struct guard *g, struct table *t, struct error *err)
{
        struct hash mac;
        struct sum was = sum_of(t->mac.b);
        int rc = write_row(g, t->name, g->version, t->rows, &t->total, t->shape, &mac, err);
        if (rc == 0) {
                struct sum is = sum_of(mac.b);
                if (t->known) {
                        sum_take(&g->head, &was);
                }
                sum_add(&g->head, &is);
                t->mac = mac;
                t->known = true;
        }
        return rc;
}

/* A table's row goes; what stands for all follows. */
static int take_out(struct guard *g, struct table *t, struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct sum was = sum_of(t->mac.b);
        int rc = guard_ask(&q, g->db, "DELETE FROM table_digest WHERE name = ?1", err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, t->name, -1, SQLITE_TRANSIENT);
                rc = guard_next(q, err);
        }
        sqlite3_finalize(q);
        sum_take(&g->head, &was);
        t->known = t->group = t->touched = t->wrong = false;
        return rc;
}

static int too_many(struct error *err)
{
        return error_raise(err, SB_LIMIT, "tables, with names of less than %d bytes|%d", NAME_MAX_BYTES, TABLES_MAX);
}

static int all_names(struct guard *g, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = guard_ask(&q, g->db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", err);
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                rc = guard_table(g, (const char *)sqlite3_column_text(q, 0)) ? 0 : too_many(err);
        }
        sqlite3_finalize(q);
        return rc;
}

/* Is the table there? */
static int there(sqlite3 *db, const char *name, bool *is, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = guard_ask(&q, db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, name, -1, SQLITE_TRANSIENT);
                rc = guard_next(q, err);
        }
        sqlite3_finalize(q);
        *is = rc == 1;
        return rc < 0 ? rc : 0;
}

static void forget_changes(struct table *t)
{
        t->touched = t->group = false;
        t->job = t->delta = (struct sum){{0}};
        t->job_rows = t->delta_rows = 0;
}

static int first_sums(struct guard *g, struct error *err)
{
        g->version = 1;
        g->head = (struct sum){{0}};
        int rc = all_names(g, err);
        for (int i = 0; rc == 0 && i < g->count; i++) {
                struct table *t = &g->tables[i];
                if (!t->out) {
                        forget_changes(t); /* they are in the sum */
                        rc = guard_scan(g, t, &t->total, &t->rows, err);
                        rc = rc ? rc : guard_shape(g->db, t->name, t->shape, err);
                        rc = rc ? rc : put(g, t, err);
                }
        }
        rc = rc ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
        g->sound = rc == 0;
        return rc;
}

/* Read what is kept, or sum up all tables when nothing is. *sums: there is a table for it. */
static int begin(struct guard *g, bool *sums, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = table_exists(g->db, sums, err);
        if (rc != 0 || !*sums) {
                g->version = -1;
                return rc;
        }
        rc = guard_ask(&q, g->db, "SELECT 1 FROM table_digest LIMIT 1", err);
        rc = rc ? rc : guard_next(q, err);
        sqlite3_finalize(q);
        return rc < 0 ? rc : rc == 0 ? first_sums(g, err) : load(g, NULL, NULL, err);
}

/* --- what sqlite.c calls ----------------------------------------------------------------------------------------------------------- */

static struct guard *make(sqlite3 *db, const struct store_guard *how)
{
        struct guard *g = calloc(1, sizeof *g);
        if (g) {
                g->db = db;
                g->how = *how;
                g->version = -1;
                buf_init(&g->row, ROW_MAX);
        }
        return g;
}

int guard_new(struct guard **out, sqlite3 *db, const struct store_guard *how, struct error *err)
{
        struct guard *g = make(db, how);
        if (!g) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        bool sums = false;
        int rc = begin(g, &sums, err);
        if (rc == 0) {
                sqlite3_preupdate_hook(db, guard_changed, g);
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
                g->version = -1; /* what was read may be undone with it */
        }
        for (int i = 0; g && i < g->count; i++) {
                struct table *t = &g->tables[i];
                if (!t->touched) {
                        continue;
                }
                if (kept) {
                        sum_add(&t->delta, &t->job);
                        t->delta_rows += t->job_rows;
                        t->group = true;
                }
                t->touched = false;
                t->job = (struct sum){{0}};
                t->job_rows = 0;
        }
}

void guard_end(struct guard *g, bool committed)
{
        for (int i = 0; g && i < g->count; i++) {
                g->tables[i].group = false;
                g->tables[i].delta = (struct sum){{0}};
                g->tables[i].delta_rows = 0;
        }
        if (g && !committed) {
                g->version = -1;
                g->failed = g->full = false;
        }
}

/* Another program may have written since. */
static int refresh(struct guard *g, bool *sums, struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct error ignored = {0};
        *sums = true;
        if (g->version < 0 || guard_ask(&q, g->db, "SELECT version, mac FROM table_digest WHERE name = ''", &ignored) != 0) {
                return begin(g, sums, err); /* also when somebody took the table away */
        }
        int rc = guard_next(q, err);
        struct hash mac = blob_of(q, 1);
        bool same = rc == 1 && sqlite3_column_int64(q, 0) == g->version && memcmp(&mac, &g->head_mac, sizeof mac) == 0;
        sqlite3_finalize(q);
        return rc < 0 ? rc : same ? 0 : load(g, NULL, NULL, err);
}

int guard_flush(struct guard *g, struct error *err)
{
        bool any = false, sums = false;
        if (!g) {
                return 0;
        }
        if (g->full) {
                return too_many(err);
        }
        if (g->failed) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        for (int i = 0; i < g->count; i++) {
                any = any || g->tables[i].group;
        }
        if (!any) {
                return 0;
        }
        int rc = refresh(g, &sums, err);
        if (rc != 0 || !sums || !g->sound) {
                return rc;
        }
        g->version++;
        for (int i = 0; rc == 0 && i < g->count; i++) {
                struct table *t = &g->tables[i];
                if (!t->group || t->wrong) {
                        continue;
                }
                if (!t->known) {
                        t->total = (struct sum){{0}};
                        t->rows = 0;
                        rc = guard_shape(g->db, t->name, t->shape, err);
                }
                sum_add(&t->total, &t->delta);
                t->rows += t->delta_rows;
                rc = rc ? rc : put(g, t, err);
        }
        return rc ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
}

/* Is the table wrong already? What stays of it after the migration is to be told then too. */
static int judge(struct guard *g, struct table *t, struct error *err)
{
        struct sum total;
        int64_t rows = 0;
        bool is = false;
        int rc = there(g->db, t->name, &is, err);
        if (rc == 0 && is) {
                rc = guard_scan(g, t, &total, &rows, err);
                t->wrong = t->wrong || (t->known ? memcmp(&total, &t->total, sizeof total) != 0 : rows > 0);
        } else {
                t->wrong = t->wrong || t->known;
        }
        return rc;
}

/* A table that the migration made otherwise is summed anew; one that is gone is taken out. */
static int follow(struct guard *g, struct table *t, struct error *err)
{
        char shape[65];
        bool is = false;
        int rc = there(g->db, t->name, &is, err);
        if (rc != 0 || t->wrong || (!is && !t->known)) {
                return rc;
        }
        if (!is) {
                return take_out(g, t, err);
        }
        rc = guard_shape(g->db, t->name, shape, err);
        if (rc != 0 || (t->known && strcmp(shape, t->shape) == 0)) {
                return rc;
        }
        rc = guard_scan(g, t, &t->total, &t->rows, err);
        forget_changes(t); /* they are in the sum */
        text_copy(t->shape, sizeof t->shape, str_from(shape));
        return rc ? rc : put(g, t, err);
}

int guard_migration(struct guard *g, bool after, struct error *err)
{
        bool sums = false;
        if (!g) {
                return 0;
        }
        int rc = refresh(g, &sums, err);
        if (rc != 0 || !sums || !g->sound) {
                return rc;
        }
        rc = all_names(g, err);
        g->version += after;
        for (int i = 0; rc == 0 && i < g->count; i++) {
                struct table *t = &g->tables[i];
                if (!t->out) {
                        rc = after ? follow(g, t, err) : judge(g, t, err);
                }
        }
        return rc != 0 || !after ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
}

/* What stands for all, from the rows as they are. */
static int head_anew(struct guard *g, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = guard_ask(&q, g->db, "SELECT mac FROM table_digest WHERE name <> ''", err);
        g->head = (struct sum){{0}};
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                struct hash mac = blob_of(q, 0);
                struct sum x = sum_of(mac.b);
                sum_add(&g->head, &x);
                rc = 0;
        }
        sqlite3_finalize(q);
        rc = rc ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
        g->sound = rc == 0;
        return rc;
}

int guard_accept(struct guard *g, const char *table, struct error *err)
{
        bool sums = false, is = false;
        int rc = g ? refresh(g, &sums, err) : 0;
        if (rc != 0 || !sums) {
                return rc;
        }
        struct table *t = guard_table(g, table);
        if (!t) {
                return too_many(err);
        }
        rc = there(g->db, table, &is, err);
        if (rc != 0 || t->out) {
                return rc;
        }
        g->version++;
        forget_changes(t);
        t->wrong = false;
        if (is) {
                rc = guard_scan(g, t, &t->total, &t->rows, err);
                rc = rc ? rc : guard_shape(g->db, t->name, t->shape, err);
                rc = rc ? rc : put(g, t, err);
        } else {
                rc = take_out(g, t, err);
        }
        return rc ? rc : head_anew(g, err);
}

static int check_table(struct guard *g, struct table *t, store_guard_tell *tell, void *ctx, struct error *err)
{
        struct sum total;
        int64_t rows = 0;
        char shape[65];
        bool is = false;
        int rc = there(g->db, t->name, &is, err);
        if (rc != 0 || t->wrong) { /* that its sum is not genuine was told */
                return rc;
        }
        if (!is) {
                tell(ctx, t->name, "table", t->rows, 0);
                return 0;
        }
        rc = guard_scan(g, t, &total, &rows, err);
        rc = rc ? rc : guard_shape(g->db, t->name, shape, err);
        if (rc != 0) {
                return rc;
        }
        if (rows != t->rows) { /* of one that is not known: none */
                tell(ctx, t->name, "rows", t->rows, rows);
        } else if (memcmp(&total, &t->total, sizeof total) != 0) {
                tell(ctx, t->name, "values", t->rows, rows);
        } else if (t->known && strcmp(shape, t->shape) != 0) {
                tell(ctx, t->name, "definition", t->rows, rows);
        }
        return 0;
}

int guard_check(sqlite3 *db, const struct store_guard *how, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
                struct error *err)
{
        struct guard *g = make(db, how);
        bool is = false;
        *kept = false;
        if (!g) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        int rc = table_exists(db, &is, err);
        if (rc == 0 && is) {
                rc = all_names(g, err); /* before what the rows say that there is */
                rc = rc ? rc : load(g, only ? NULL : tell, ctx, err);
                *kept = g->any;
        }
        if (*kept && !g->sound && !only && g->version == 0) { /* else it was told as not genuine */
                tell(ctx, "table_digest", "", 0, 0);
        }
        for (int i = 0; rc == 0 && *kept && i < g->count; i++) {
                struct table *t = &g->tables[i];
                if (t->out || (only && strcmp(only, t->name) != 0)) {
                        continue;
                }
                if (only && t->wrong) {
                        tell(ctx, "table_digest", t->name, 0, 0);
                }
                rc = check_table(g, t, tell, ctx, err);
        }
        guard_free(g);
        return rc;
}
