/* SPDX-License-Identifier: Apache-2.0
 *
 * What is summed is a keyed hash of each row, so that a row may come and go in any order and only who has the key can say what the sum
 * becomes. SQLite's preupdate hook tells the old and the new row of every change of the connection.
 */
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "store/sqlite_guard.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 512, SLOTS = 2048, NAME_MAX_BYTES = 64, ROW_MAX = 1 << 28 };

struct sum {
        uint64_t w[4]; /* a number of 256 bits, the lowest word first */
};

struct table {
        char name[NAME_MAX_BYTES];
        bool out;            /* not kept, on purpose */
        bool touched, group; /* by the closure that runs, by the transaction */
        bool known;          /* a row of table_digest was read */
        bool wrong;          /* found so before a migration */
        struct sum job, delta, total;
        int64_t job_rows, delta_rows, rows;
        struct hash mac;
        char shape[65];
};

struct guard {
        sqlite3 *db;
        struct store_guard how;
        struct buf row; /* the bytes of a row */
        bool failed;
        int64_t version; /* of what is read; -1: to be read */
        bool sound;      /* the row that stands for all is there and genuine */
        struct sum head;
        struct hash head_mac;
        struct table tables[TABLES_MAX];
        int count;
        int16_t slots[SLOTS]; /* index + 1 */
};

/* --- numbers of 256 bits ---------------------------------------------------------------------------------------------------------- */

static void sum_add(struct sum *s, const struct sum *x)
{
        uint64_t carry = 0;
        for (int i = 0; i < 4; i++) {
                uint64_t a = s->w[i] + x->w[i], b = a + carry;
                carry = (uint64_t)(a < x->w[i]) + (uint64_t)(b < a);
                s->w[i] = b;
        }
}

static void sum_take(struct sum *s, const struct sum *x)
{
        struct sum minus = {{~x->w[0], ~x->w[1], ~x->w[2], ~x->w[3]}};
        const struct sum one = {{1, 0, 0, 0}};
        sum_add(s, &minus);
        sum_add(s, &one);
}

static struct sum sum_of(const unsigned char b[HASH_BYTES])
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
        } else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
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

static struct table *table_of(struct guard *g, const char *name)
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
                        g->failed = true;
                        return NULL;
                }
                struct table *t = &g->tables[g->count++];
                g->slots[i] = (int16_t)g->count;
                text_copy(t->name, sizeof t->name, str_from(name));
                t->out = strncmp(name, "sqlite_", 7) == 0 || strcmp(name, "table_digest") == 0;
                for (const char *const *x = g->how.left_out; x && *x && !t->out; x++) {
                        t->out = strcmp(*x, name) == 0;
                }
                return t;
        }
}

static void changed(void *ctx, sqlite3 *db, int op, char const *schema, char const *name, sqlite3_int64 key,
                    sqlite3_int64 new_key)
{
        struct guard *g = ctx;
        (void)key;
        (void)new_key;
        struct table *t = strcmp(schema, "main") == 0 ? table_of(g, name) : NULL;
        if (!t || t->out) {
                return;
        }
        int columns = sqlite3_preupdate_count(db);
        sqlite3_value *v = NULL;
        t->touched = true;
        if (op != SQLITE_INSERT) {
                row_begin(g, t);
                for (int i = 0; i < columns; i++) {
                        if (sqlite3_preupdate_old(db, i, &v) != SQLITE_OK) {
                                g->failed = true;
                                return;
                        }
                        add_value(&g->row, i, v);
                }
                struct sum s = row_end(g);
                sum_take(&t->job, &s);
                t->job_rows--;
        }
        if (op != SQLITE_DELETE) {
                row_begin(g, t);
                for (int i = 0; i < columns; i++) {
                        if (sqlite3_preupdate_new(db, i, &v) != SQLITE_OK) {
                                g->failed = true;
                                return;
                        }
                        add_value(&g->row, i, v);
                }
                struct sum s = row_end(g);
                sum_add(&t->job, &s);
                t->job_rows++;
        }
}

/* --- statements of this file ------------------------------------------------------------------------------------------------------- */

static int fail(sqlite3 *db, struct error *err)
{
        int code = sqlite3_errcode(db) & 0xff;
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
                return error_raise_soft(err, SB_STORE_BUSY, "%s", "");
        }
        return code == SQLITE_FULL    ? error_raise(err, SB_STORE_FULL, "%s", "")
               : code == SQLITE_NOMEM ? error_raise(err, SB_MEMORY, "%s", "")
               : code == SQLITE_IOERR ? error_raise(err, SB_STORE_IO, "%s", sqlite3_errmsg(db))
                                      : error_raise(err, SB_STORE_SQL, "%s|%s", sqlite3_errmsg(db), "table_digest");
}

static int ask(sqlite3_stmt **q, sqlite3 *db, const char *sql, struct error *err)
{
        return sqlite3_prepare_v2(db, sql, -1, q, NULL) == SQLITE_OK ? 0 : fail(db, err);
}

/* 1 a row, 0 none. */
static int next(sqlite3_stmt *q, struct error *err)
{
        int code = sqlite3_step(q);
        return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : fail(sqlite3_db_handle(q), err);
}

static int table_exists(sqlite3 *db, bool *there, struct error *err)
{
        sqlite3_stmt *q = NULL;
        int rc = ask(&q, db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'table_digest'", err);
        rc = rc ? rc : next(q, err);
        sqlite3_finalize(q);
        *there = rc == 1;
        return rc < 0 ? rc : 0;
}

/* What makes the table what it is: its own definition and its triggers. */
static int shape_of(sqlite3 *db, const char *table, char out[65], struct error *err)
{
        sqlite3_stmt *q = NULL;
        struct hash_state *s = hash_begin();
        int rc = ask(&q, db,
                     "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ?1 AND type IN ('table', 'trigger') ORDER BY "
                     "type, name",
                     err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, table, -1, SQLITE_TRANSIENT);
        }
        while (rc == 0 && (rc = next(q, err)) == 1) {
                for (int i = 0; i < 3; i++) {
                        hash_add(s, sqlite3_column_text(q, i), (size_t)sqlite3_column_bytes(q, i));
                        hash_add(s, "\n", 1);
                }
                rc = 0;
        }
        struct hash h = hash_end(s);
        sqlite3_finalize(q);
        hash_hex(&h, out);
        return rc;
}

/* The sum of a table as it stands. */
static int scan(struct guard *g, const struct table *t, struct sum *total, int64_t *rows, struct error *err)
{
        char sql[NAME_MAX_BYTES + 32];
        sqlite3_stmt *q = NULL;
        *total = (struct sum){{0}};
        *rows = 0;
        text_format(sql, sizeof sql, "SELECT * FROM \"%s\"", t->name);
        int rc = ask(&q, g->db, sql, err);
        while (rc == 0 && (rc = next(q, err)) == 1) {
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

static struct hash mac_of(const struct guard *g, const char *name, int64_t version, int64_t rows, const struct sum *total,
                          const char *shape)
{
        char text[NAME_MAX_BYTES + 256], hex[65];
        struct hash h;
        memcpy(h.b, total->w, sizeof h.b);
        text_format(text, sizeof text, "digest\n%s\n%lld\n%lld\n%s\n%s", name, (long long)version, (long long)rows,
                    hash_hex(&h, hex), shape);
        return keyed(g, text, strlen(text));
}

static int write_row(struct guard *g, const char *name, int64_t version, int64_t rows, const struct sum *total,
                     const char *shape, struct hash *mac, struct error *err)
{
        sqlite3_stmt *q = NULL;
        *mac = mac_of(g, name, version, rows, total, shape);
        int rc = ask(&q, g->db,
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
                rc = next(q, err);
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
        int rc = ask(&q, g->db, "SELECT name, version, row_count, total, shape, mac FROM table_digest", err);
        while (rc == 0 && (rc = next(q, err)) == 1) {
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
                struct hash right = mac_of(g, name, version, rows, &total, shape);
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
                struct table *t = table_of(g, name);
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
        int rc = ask(&q, g->db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", err);
        while (rc == 0 && (rc = next(q, err)) == 1) {
                rc = table_of(g, (const char *)sqlite3_column_text(q, 0))
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
        int rc = ask(&q, db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", err);
        if (rc == 0) {
                sqlite3_bind_text(q, 1, name, -1, SQLITE_TRANSIENT);
                rc = next(q, err);
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
                        rc = scan(g, t, &t->total, &t->rows, err);
                        rc = rc ? rc : shape_of(g->db, t->name, t->shape, err);
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
        rc = ask(&q, g->db, "SELECT 1 FROM table_digest LIMIT 1", err);
        rc = rc ? rc : next(q, err);
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
        int rc = ask(&q, g->db, "SELECT version, mac FROM table_digest WHERE name = ''", err);
        rc = rc ? rc : next(q, err);
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
                        rc = shape_of(g->db, t->name, t->shape, err);
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
                        rc = ask(&q, g->db, "DELETE FROM table_digest WHERE name = ?1", err);
                        if (rc == 0) {
                                sqlite3_bind_text(q, 1, t->name, -1, SQLITE_TRANSIENT);
                                rc = next(q, err);
                        }
                        sqlite3_finalize(q);
                        sum_take(&g->head, &was);
                        t->known = t->group = t->touched = false;
                        continue;
                }
                rc = rc ? rc : shape_of(g->db, t->name, shape, err);
                if (rc == 0 && (!after || !t->known || strcmp(shape, t->shape) != 0)) {
                        rc = scan(g, t, &total, &rows, err);
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
        struct table *t = rc == 0 && sums ? table_of(g, table) : NULL;
        if (rc != 0 || !t || t->out) {
                return rc;
        }
        g->version++;
        rc = scan(g, t, &t->total, &t->rows, err);
        rc = rc ? rc : shape_of(g->db, t->name, t->shape, err);
        t->wrong = false;
        forget_changes(t);
        rc = rc ? rc : put(g, t, err);
        sqlite3_stmt *q = NULL;
        rc = rc ? rc : ask(&q, g->db, "SELECT mac FROM table_digest WHERE name <> ''", err);
        g->head = (struct sum){{0}};
        while (rc == 0 && (rc = next(q, err)) == 1) {
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
        rc = scan(g, t, &total, &rows, err);
        rc = rc ? rc : shape_of(g->db, t->name, shape, err);
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
