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

/* All rows of table_digest. A row that is not genuine is left as it is, for the auditor to find. */
static int load(struct guard *g, store_guard_tell *tell, void *ctx, struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct sum macs = {{0}};
        for (int i = 0; i < g->count; i++) {
                g->tables[i].known = false;
        }
        g->sound = false;
        g->version = 0;
        int rc = guard_ask(&q, g->db, "SELECT name, version, row_count, total, shape, mac FROM table_digest", err);
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                const char *name = (const char *)sqlite3_column_text(q, 0), *shape = (const char *)sqlite3_column_text(q, 4);
                int64_t version = sqlite3_column_int64(q, 1), rows = sqlite3_column_int64(q, 2);
                struct sum total = {{0}};
                struct hash mac = {{0}};
                if (sqlite3_column_bytes(q, 3) == sizeof total) {
                        memcpy(total.w, sqlite3_column_blob(q, 3), sizeof total);
                }
                if (sqlite3_column_bytes(q, 5) == sizeof mac) {
                        memcpy(mac.b, sqlite3_column_blob(q, 5), sizeof mac);
                }
                struct hash right = guard_mac(g, name, version, rows, &total, shape);
                bool genuine = memcmp(&right, &mac, sizeof mac) == 0;
                rc = 0;
                if (!genuine && tell) {
                        tell(ctx, "table_digest", name, 0, 0);
                }
                if (name[0] == '\0') {
                        g->version = version;
                        g->sound = genuine;
                        g->head = total;
                        g->head_mac = mac;
                        continue;
                }
                struct sum x = sum_of(mac.b);
                struct table *t = guard_table(g, name);
                sum_add(&macs, &x);
                if (t) {
                        t->known = true;
                        t->wrong = !genuine;
                        t->total = total;
                        t->rows = rows;
                        t->mac = mac;
                        text_copy(t->shape, sizeof t->shape, str_from(shape));
                }
        }
        sqlite3_finalize(q);
        if (rc == 0 && g->sound && memcmp(&macs, &g->head, sizeof macs) != 0 && tell) {
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

static int all_names(struct guard *g, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = guard_ask(&q, g->db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", err);
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                rc = guard_table(g, (const char *)sqlite3_column_text(q, 0))
                         ? 0
                         : error_raise(err, SB_LIMIT, "%s|%d", "tables", TABLES_MAX);
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

static int begin(struct guard *g, struct error *err)
{
        bool is = false;
        sqlite3_stmt *q = NULL;
        int rc = table_exists(g->db, &is, err);
        if (rc != 0 || !is) {
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
        int rc = begin(g, err);
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
                g->failed = false;
        }
}

/* Another program may have written since. */
static int refresh(struct guard *g, bool *sums, struct error *err)
{
        sqlite3_stmt *q = NULL;
        *sums = true;
        if (g->version < 0) {
                int rc = table_exists(g->db, sums, err);
                return rc == 0 && *sums ? begin(g, err) : rc;
        }
        int rc = guard_ask(&q, g->db, "SELECT version, mac FROM table_digest WHERE name = ''", err);
        rc = rc ? rc : guard_next(q, err);
        bool same = rc == 1 && sqlite3_column_int64(q, 0) == g->version && sqlite3_column_bytes(q, 1) == HASH_BYTES &&
                    memcmp(sqlite3_column_blob(q, 1), g->head_mac.b, HASH_BYTES) == 0;
        sqlite3_finalize(q);
        return rc < 0 ? rc : same ? 0 : load(g, NULL, NULL, err);
}

int guard_flush(struct guard *g, struct error *err)
{
        bool any = false, sums = false;
        for (int i = 0; g && i < g->count; i++) {
                any = any || g->tables[i].group;
        }
        if (!any) {
                return 0;
        }
        if (g->failed) {
                return error_raise(err, SB_MEMORY, "%s", "");
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

/* Before: say of each table whether it is right. After: a table that the migration made otherwise is summed anew, and one that was wrong
 * before stays wrong; one that is gone is taken out. */
int guard_migration(struct guard *g, bool after, struct error *err)
{
        bool sums = false;
        if (!g) {
                return 0;
        }
        int rc = refresh(g, &sums, err);
        rc = rc ? rc : sums ? all_names(g, err) : 0;
        if (rc == 0 && sums && after) {
                g->version++;
        }
        for (int i = 0; rc == 0 && sums && g->sound && i < g->count; i++) {
                struct table *t = &g->tables[i];
                struct sum total;
                int64_t rows = 0;
                char shape[65];
                bool is = false;
                rc = t->out ? 0 : there(g->db, t->name, &is, err);
                if (rc != 0 || t->out || (!is && !t->known)) {
                        continue;
                }
                if (!is && after) {
                        sqlite3_stmt *q = NULL;
                        struct sum was = sum_of(t->mac.b);
                        rc = guard_ask(&q, g->db, "DELETE FROM table_digest WHERE name = ?1", err);
                        if (rc == 0) {
                                sqlite3_bind_text(q, 1, t->name, -1, SQLITE_TRANSIENT);
                                rc = guard_next(q, err);
                        }
                        sqlite3_finalize(q);
                        sum_take(&g->head, &was);
                        t->known = t->group = t->touched = false;
                        continue;
                }
                rc = rc ? rc : guard_shape(g->db, t->name, shape, err);
                if (rc == 0 && (!after || !t->known || strcmp(shape, t->shape) != 0)) {
                        rc = guard_scan(g, t, &total, &rows, err);
                        if (rc == 0 && !after) {
                                t->wrong = t->wrong || (t->known && memcmp(&total, &t->total, sizeof total) != 0);
                        } else if (rc == 0 && !t->wrong) {
                                t->total = total;
                                t->rows = rows;
                                forget_changes(t); /* they are in the sum */
                                text_copy(t->shape, sizeof t->shape, str_from(shape));
                                rc = put(g, t, err);
                        }
                }
        }
        return rc != 0 || !sums || !after || !g->sound ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
}

int guard_accept(struct guard *g, const char *table, struct error *err)
{
        bool sums = false;
        int rc = g ? refresh(g, &sums, err) : 0;
        struct table *t = rc == 0 && sums ? guard_table(g, table) : NULL;
        if (rc != 0 || !t || t->out) {
                return rc;
        }
        g->version++;
        rc = guard_scan(g, t, &t->total, &t->rows, err);
        rc = rc ? rc : guard_shape(g->db, t->name, t->shape, err);
        t->wrong = false;
        forget_changes(t);
        rc = rc ? rc : put(g, t, err);
        sqlite3_stmt *q = NULL;
        rc = rc ? rc : guard_ask(&q, g->db, "SELECT mac FROM table_digest WHERE name <> ''", err);
        g->head = (struct sum){{0}};
        while (rc == 0 && (rc = guard_next(q, err)) == 1) {
                struct sum x = {{0}};
                if (sqlite3_column_bytes(q, 0) == sizeof x) {
                        memcpy(x.w, sqlite3_column_blob(q, 0), sizeof x);
                }
                sum_add(&g->head, &x);
                rc = 0;
        }
        sqlite3_finalize(q);
        g->sound = rc == 0;
        return rc ? rc : write_row(g, "", g->version, 0, &g->head, "", &g->head_mac, err);
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
        if (rc == 0 && !t->known && rows > 0) {
                tell(ctx, t->name, "rows", 0, rows);
        } else if (rc == 0 && t->known && (rows != t->rows || memcmp(&total, &t->total, sizeof total) != 0)) {
                tell(ctx, t->name, rows != t->rows ? "rows" : "values", t->rows, rows);
        } else if (rc == 0 && t->known && strcmp(shape, t->shape) != 0) {
                tell(ctx, t->name, "definition", t->rows, rows);
        }
        return rc;
}

int guard_check(sqlite3 *db, const struct store_guard *how, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
                struct error *err)
{
        struct guard *g = make(db, how);
        bool is = false;
        int rc = g ? table_exists(db, &is, err) : error_raise(err, SB_MEMORY, "%s", "");
        *kept = false;
        if (rc == 0 && is) {
                rc = load(g, only ? NULL : tell, ctx, err);
                *kept = g->sound || g->version > 0 || g->count > 0;
                if (rc == 0 && *kept && !g->sound && !only && g->version == 0) { /* else it was told as not genuine */
                        tell(ctx, "table_digest", "", 0, 0);
                }
        }
        rc = rc ? rc : *kept ? all_names(g, err) : 0;
        for (int i = 0; rc == 0 && *kept && i < g->count; i++) {
                if (!g->tables[i].out && (!only || strcmp(only, g->tables[i].name) == 0)) {
                        rc = check_table(g, &g->tables[i], tell, ctx, err);
                }
        }
        guard_free(g);
        return rc;
}
