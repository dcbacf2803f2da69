/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/plain.h"
#include "base/text.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTINGS                                                                                                               \
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536; PRAGMA "                                    \
        "synchronous=FULL; "                                                                                                   \
        "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY"

enum { TABLES_MAX = 96, COLUMNS_MAX = 40, COMMIT = 255 };

struct table {
        char name[64];
        char columns[COLUMNS_MAX][48];
        int key[COLUMNS_MAX]; /* place in the primary key from 1, or 0 */
        int count;
        bool done;
};

static void die(const char *what, const char *why)
{
        fprintf(stderr, "%s: %s\n", what, why);
        exit(1);
}

static double now_s(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(sqlite3 *db, const char *sql)
{
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
                die(sql, sqlite3_errmsg(db));
        }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *q = NULL;
        if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK) {
                die(sql, sqlite3_errmsg(db));
        }
        return q;
}

static sqlite3 *open_db(const char *path)
{
        sqlite3 *db = NULL;
        if (sqlite3_open(path, &db) != SQLITE_OK) {
                die(path, "cannot be opened");
        }
        return db;
}

static int read_tables(sqlite3 *db, struct table *out)
{
        sqlite3_stmt *q = prepare(db, "SELECT name FROM main.sqlite_master WHERE type = 'table' "
                                      "AND name NOT LIKE 'sqlite%' ORDER BY name");
        int n = 0;
        while (sqlite3_step(q) == SQLITE_ROW) {
                struct table *t = &out[n++];
                char sql[128];
                *t = (struct table){.count = 0};
                text_format(t->name, sizeof t->name, "%s", sqlite3_column_text(q, 0));
                text_format(sql, sizeof sql, "PRAGMA main.table_info(%s)", t->name);
                sqlite3_stmt *c = prepare(db, sql);
                while (sqlite3_step(c) == SQLITE_ROW && t->count < COLUMNS_MAX) {
                        text_format(t->columns[t->count], 48, "%s", sqlite3_column_text(c, 1));
                        t->key[t->count++] = sqlite3_column_int(c, 5);
                }
                sqlite3_finalize(c);
                if (n == TABLES_MAX) {
                        die(t->name, "too many tables");
                }
        }
        sqlite3_finalize(q);
        return n;
}

static void add_columns(struct buf *b, const struct table *t, const char *prefix, const char *join, const char *after,
                        int which)
{
        bool first = true;
        for (int i = 0; i < t->count; i++) { /* which: 0 all, 1 of the key, 2 not of the key */
                if (which == 0 || (which == 1) == (t->key[i] > 0)) {
                        buf_add_format(b, "%s%s\"%s\"%s", first ? "" : join, prefix, t->columns[i], after);
                        first = false;
                }
        }
}

/* Where the blocks of a group end: the last key of each in its first table. */
struct blocks {
        int64_t *ends;
        size_t count, cap;
};

static void block_of(sqlite3_context *c, int n, sqlite3_value **v)
{
        const struct blocks *b = sqlite3_user_data(c);
        int64_t key = sqlite3_value_int64(v[0]);
        size_t lo = 0, hi = n == 1 ? b->count : 0;
        while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;
                if (b->ends[mid] < key) {
                        lo = mid + 1;
                } else {
                        hi = mid;
                }
        }
        sqlite3_result_int64(c, (int64_t)lo);
}

static void block_ends(struct blocks *b, sqlite3 *db, const struct plain_group *g)
{
        char sql[256];
        text_format(sql, sizeof sql, "SELECT \"%s\" FROM main.%s ORDER BY 1", g->keys[0], g->tables[0]);
        sqlite3_stmt *q = prepare(db, sql);
        int in = 0;
        int64_t key = 0;
        b->count = 0;
        for (bool row = true; row;) {
                row = sqlite3_step(q) == SQLITE_ROW;
                key = row ? sqlite3_column_int64(q, 0) : INT64_MAX;
                if (row && ++in < g->block) {
                        continue;
                }
                in = 0;
                if (b->count == b->cap) {
                        b->cap = b->cap == 0 ? 1024 : 2 * b->cap;
                        b->ends = realloc(b->ends, b->cap * sizeof *b->ends);
                        if (!b->ends) {
                                die("recording", "no memory");
                        }
                }
                b->ends[b->count++] = key;
        }
        sqlite3_finalize(q);
}

/* In the order in which the run writes: block by block, a block in the order of the table's own key. */
static sqlite3_stmt *changed_rows(sqlite3 *db, const struct table *t, const char *key)
{
        struct buf sql;
        buf_init(&sql, 1 << 16);
        buf_add_format(&sql, "SELECT b.\"%s\" IS NOT NULL, ", t->columns[0]);
        buf_add_format(&sql, key ? "block_of(a.\"%s\") AS block" : "0%s", key ? key : "");
        for (int i = 0; i < t->count; i++) {
                buf_add_format(&sql, ", a.\"%s\"", t->columns[i]);
        }
        buf_add_format(&sql, " FROM main.%s a LEFT JOIN old.%s b ON ", t->name, t->name);
        bool first = true;
        for (int i = 0; i < t->count; i++) {
                if (t->key[i] > 0) {
                        buf_add_format(&sql, "%sa.\"%s\" = b.\"%s\"", first ? "" : " AND ", t->columns[i], t->columns[i]);
                        first = false;
                }
        }
        buf_add_format(&sql, " WHERE b.\"%s\" IS NULL OR (", t->columns[0]);
        add_columns(&sql, t, "a.", ", ", "", 0);
        buf_add_text(&sql, ") IS NOT (");
        add_columns(&sql, t, "b.", ", ", "", 0);
        buf_add_text(&sql, ")");
        if (key) {
                buf_add_text(&sql, " ORDER BY block, ");
                add_columns(&sql, t, "a.", ", ", "", 1);
        }
        sqlite3_stmt *q = prepare(db, buf_text(&sql));
        buf_dispose(&sql);
        return q;
}

static void put(FILE *f, const void *bytes, size_t n)
{
        if (fwrite(bytes, 1, n, f) != n) {
                die("recording", "cannot write");
        }
}

static void put_row(FILE *f, sqlite3_stmt *q, int table, int columns)
{
        unsigned char head[2] = {(unsigned char)table, (unsigned char)sqlite3_column_int(q, 0)};
        put(f, head, 2);
        for (int i = 2; i < columns + 2; i++) {
                unsigned char type = (unsigned char)sqlite3_column_type(q, i);
                int64_t v = sqlite3_column_int64(q, i);
                double d = sqlite3_column_double(q, i);
                put(f, &type, 1);
                if (type == SQLITE_INTEGER) {
                        put(f, &v, sizeof v);
                } else if (type == SQLITE_FLOAT) {
                        put(f, &d, sizeof d);
                } else if (type != SQLITE_NULL) {
                        const void *p =
                            type == SQLITE_BLOB ? sqlite3_column_blob(q, i) : (const void *)sqlite3_column_text(q, i);
                        uint32_t n = (uint32_t)sqlite3_column_bytes(q, i);
                        put(f, &n, sizeof n);
                        put(f, p ? p : "", n);
                }
        }
}

struct cursor {
        sqlite3_stmt *q;
        int table, columns;
        bool row;
};

static struct cursor cursor_open(sqlite3 *db, struct table *tables, int count, const char *name, const char *key)
{
        int k = 0;
        while (k < count && strcmp(tables[k].name, name) != 0) {
                k++;
        }
        if (k == count) {
                die(name, "no such table");
        }
        tables[k].done = true;
        struct cursor c = {.q = changed_rows(db, &tables[k], key), .table = k, .columns = tables[k].count};
        c.row = sqlite3_step(c.q) == SQLITE_ROW;
        return c;
}

static void record_group(FILE *f, sqlite3 *db, struct table *tables, int count, const struct plain_group *g, int64_t *rows)
{
        static const unsigned char commit[2] = {COMMIT, 0};
        struct cursor cursors[PLAIN_GROUP_MAX];
        struct blocks blocks = {0};
        int n = 0;
        bool more = true;
        if (g->keys[0]) {
                block_ends(&blocks, db, g);
        }
        sqlite3_create_function(db, "block_of", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &blocks, block_of, NULL, NULL);
        for (; n < PLAIN_GROUP_MAX && g->tables[n]; n++) {
                cursors[n] = cursor_open(db, tables, count, g->tables[n], g->keys[n]);
        }
        for (int64_t block = 0; more; block++) {
                more = false;
                for (int i = 0; i < n; i++) {
                        struct cursor *c = &cursors[i];
                        int in = 0;
                        while (c->row && (g->keys[i] ? sqlite3_column_int64(c->q, 1) <= block : in < g->block)) {
                                put_row(f, c->q, c->table, c->columns);
                                ++*rows;
                                in++;
                                c->row = sqlite3_step(c->q) == SQLITE_ROW;
                        }
                        more = more || c->row;
                }
                put(f, commit, 2);
        }
        for (int i = 0; i < n; i++) {
                sqlite3_finalize(cursors[i].q);
        }
        free(blocks.ends);
}

int64_t plain_record(const char *file, const char *after, const char *before, const struct plain_group *groups)
{
        static struct table tables[TABLES_MAX];
        sqlite3 *db = open_db(after);
        char sql[400];
        int64_t rows = 0;
        FILE *f = fopen(file, "wb");
        if (!f) {
                die(file, "cannot be written");
        }
        text_format(sql, sizeof sql, "ATTACH '%s' AS old", before);
        run(db, sql);
        int count = read_tables(db, tables);
        for (; groups->tables[0]; groups++) {
                record_group(f, db, tables, count, groups, &rows);
        }
        for (int i = 0; i < count; i++) {
                if (!tables[i].done) {
                        struct plain_group one = {.tables = {tables[i].name}, .block = 5000};
                        record_group(f, db, tables, count, &one, &rows);
                }
        }
        if (fclose(f) != 0) {
                die(file, "cannot be written");
        }
        sqlite3_close(db);
        return rows;
}

/* The plain program itself. */

struct writer {
        sqlite3_stmt *insert, *update;
        int columns;
        int order[COLUMNS_MAX]; /* of an update: the column of each parameter */
};

static void prepare_writer(struct writer *w, sqlite3 *db, const struct table *t)
{
        struct buf sql;
        int n = 0;
        buf_init(&sql, 1 << 16);
        w->columns = t->count;
        buf_add_format(&sql, "INSERT INTO %s VALUES (?", t->name);
        for (int i = 1; i < t->count; i++) {
                buf_add_text(&sql, ", ?");
        }
        buf_add_text(&sql, ")");
        w->insert = prepare(db, buf_text(&sql));
        buf_clear(&sql);
        for (int pass = 2; pass >= 1; pass--) { /* values first, then the key */
                for (int i = 0; i < t->count; i++) {
                        if ((pass == 1) == (t->key[i] > 0)) {
                                w->order[i] = ++n;
                        }
                }
        }
        buf_add_format(&sql, "UPDATE %s SET ", t->name);
        size_t empty = sql.n;
        add_columns(&sql, t, "", ", ", " = ?", 2);
        bool all_key = sql.n == empty;
        buf_add_text(&sql, " WHERE ");
        add_columns(&sql, t, "", " AND ", " = ?", 1);
        w->update = all_key ? NULL : prepare(db, buf_text(&sql));
        buf_dispose(&sql);
}

static void get(FILE *f, void *out, size_t n)
{
        if (fread(out, 1, n, f) != n) {
                die("replaying", "the record ends early");
        }
}

static void bind_value(FILE *f, sqlite3_stmt *q, int place, char **buffer, size_t *used, size_t cap)
{
        unsigned char type = 0;
        int64_t v = 0;
        double d = 0;
        uint32_t n = 0;
        get(f, &type, 1);
        if (type == SQLITE_INTEGER) {
                get(f, &v, sizeof v);
                sqlite3_bind_int64(q, place, v);
        } else if (type == SQLITE_FLOAT) {
                get(f, &d, sizeof d);
                sqlite3_bind_double(q, place, d);
        } else if (type == SQLITE_NULL) {
                sqlite3_bind_null(q, place);
        } else {
                get(f, &n, sizeof n);
                if (*used + n > cap) {
                        die("replaying", "a row is too long");
                }
                char *p = *buffer + *used;
                get(f, p, n);
                *used += n;
                if (type == SQLITE_TEXT) {
                        sqlite3_bind_text(q, place, p, (int)n, SQLITE_STATIC);
                } else {
                        sqlite3_bind_blob(q, place, p, (int)n, SQLITE_STATIC);
                }
        }
}

double plain_replay(const char *path, const char *file)
{
        static struct table tables[TABLES_MAX];
        static struct writer writers[TABLES_MAX];
        const size_t cap = (size_t)32 << 20;
        sqlite3 *db = open_db(path);
        FILE *f = fopen(file, "rb");
        char *buffer = malloc(cap);
        unsigned char head[2];
        bool open = false;
        if (!f || !buffer) {
                die(file, "cannot be read");
        }
        double began = now_s();
        run(db, SETTINGS);
        int count = read_tables(db, tables);
        for (int i = 0; i < count; i++) {
                prepare_writer(&writers[i], db, &tables[i]);
        }
        while (fread(head, 1, 2, f) == 2) {
                if (head[0] == COMMIT) {
                        if (open) {
                                run(db, "COMMIT");
                        }
                        open = false;
                        continue;
                }
                if (!open) {
                        run(db, "BEGIN IMMEDIATE");
                        open = true;
                }
                struct writer *w = &writers[head[0]];
                sqlite3_stmt *q = head[1] ? w->update : w->insert;
                size_t used = 0;
                for (int i = 0; i < w->columns; i++) {
                        bind_value(f, q, head[1] ? w->order[i] : i + 1, &buffer, &used, cap);
                }
                if (sqlite3_step(q) != SQLITE_DONE) {
                        die(tables[head[0]].name, sqlite3_errmsg(db));
                }
                sqlite3_reset(q);
        }
        for (int i = 0; i < count; i++) {
                sqlite3_finalize(writers[i].insert);
                sqlite3_finalize(writers[i].update);
        }
        sqlite3_close(db); /* with the last checkpoint, as the store closes */
        double took = now_s() - began;
        fclose(f);
        free(buffer);
        return took;
}

/* Comparing. */

static bool same_value(sqlite3_stmt *x, sqlite3_stmt *y, int i)
{
        int type = sqlite3_column_type(x, i);
        if (type != sqlite3_column_type(y, i)) {
                return false;
        }
        if (type == SQLITE_INTEGER) {
                return sqlite3_column_int64(x, i) == sqlite3_column_int64(y, i);
        }
        const void *p = sqlite3_column_blob(x, i), *q = sqlite3_column_blob(y, i);
        int n = sqlite3_column_bytes(x, i);
        return n == sqlite3_column_bytes(y, i) && (n == 0 || memcmp(p, q, (size_t)n) == 0);
}

static bool same_table(sqlite3 *a, sqlite3 *b, const struct table *t)
{
        struct buf sql;
        bool same = true;
        buf_init(&sql, 1 << 16);
        buf_add_text(&sql, "SELECT ");
        add_columns(&sql, t, "", ", ", "", 0);
        buf_add_format(&sql, " FROM %s ORDER BY ", t->name);
        add_columns(&sql, t, "", ", ", "", 1);
        sqlite3_stmt *x = prepare(a, buf_text(&sql)), *y = prepare(b, buf_text(&sql));
        for (;;) {
                int p = sqlite3_step(x), q = sqlite3_step(y);
                same = same && p == q;
                if (!same || p != SQLITE_ROW) {
                        break;
                }
                for (int i = 0; same && i < t->count; i++) {
                        same = same_value(x, y, i);
                }
        }
        if (!same) {
                fprintf(stderr, "the plain program wrote other rows into %s\n", t->name);
        }
        sqlite3_finalize(x);
        sqlite3_finalize(y);
        buf_dispose(&sql);
        return same;
}

bool plain_same(const char *a, const char *b)
{
        static struct table tables[TABLES_MAX];
        sqlite3 *x = open_db(a), *y = open_db(b);
        int count = read_tables(x, tables);
        bool same = true;
        for (int i = 0; i < count; i++) {
                same = same_table(x, y, &tables[i]) && same;
        }
        sqlite3_close(x);
        sqlite3_close(y);
        return same;
}

void plain_copy(const char *from, const char *to)
{
        sqlite3 *db = open_db(from);
        char sql[300];
        plain_remove(to);
        text_format(sql, sizeof sql, "VACUUM INTO '%s'", to);
        run(db, sql);
        sqlite3_close(db);
}

void plain_remove(const char *db)
{
        static const char *const ends[] = {"", "-wal", "-shm"};
        char name[300];
        for (int i = 0; i < 3; i++) {
                text_format(name, sizeof name, "%s%s", db, ends[i]);
                unlink(name);
        }
}

struct plain_cost plain_measure(double (*f)(void *ctx), void *ctx)
{
        struct plain_cost cost = {0};
        struct rusage usage;
        int ends[2], status = 0;
        fflush(NULL);
        if (pipe(ends) != 0) {
                die("pipe", "none");
        }
        pid_t pid = fork();
        if (pid == 0) {
                double seconds = f(ctx);
                _exit(write(ends[1], &seconds, sizeof seconds) == sizeof seconds ? 0 : 1);
        }
        close(ends[1]);
        if (read(ends[0], &cost.seconds, sizeof cost.seconds) != sizeof cost.seconds || wait4(pid, &status, 0, &usage) != pid ||
            status != 0) {
                die("measuring", "the run failed");
        }
        close(ends[0]);
        cost.peak_mib = (double)usage.ru_maxrss / 1024;
        cost.cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
        cost.written_mib = (double)usage.ru_oublock / 2048;
        return cost;
}
