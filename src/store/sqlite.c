/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine on SQLite: statements, and the connections. One writer thread (sqlite_write.c) changes, a pool of connections reads
 * snapshots. Nothing but that thread touches the writing connection.
 */
#include "store/sqlite.h"
#include "store/archive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite_stmt {
        struct stmt base;
        sqlite3_stmt *handle;
        bool stepped;                  /* on a row or finished: to be reset before it is bound anew */
        bool row;                      /* on a row */
        bool listed;                   /* in the list of its connection */
        struct sqlite_stmt *next_open; /* statements of this transaction that were stepped */
};

/* Errors. */

int sqlite_raise(sqlite3 *db, const char *of, struct error *err)
{
        int code = sqlite3_extended_errcode(db);
        const char *text = sqlite3_errmsg(db);
        switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return error_raise_soft(err, SB_STORE_BUSY, "%s", "");
        case SQLITE_FULL:
                return error_raise(err, SB_STORE_FULL, "%s", "");
        case SQLITE_IOERR:
                return error_raise(err, SB_STORE_IO, "%s", text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return error_raise(err, SB_STORE_CORRUPT, "%s", text);
        case SQLITE_READONLY:
                return error_raise(err, SB_STORE_READONLY, "%s", "");
        case SQLITE_NOMEM:
                return error_raise(err, SB_MEMORY, "%s", "");
        case SQLITE_CANTOPEN:
                return error_raise(err, SB_STORE_OPEN, "%.200s|%s", of, text);
        case SQLITE_CONSTRAINT:
                if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
                        return error_raise(err, SB_STORE_UNIQUE, "%s", text);
                }
                return error_raise(err, SB_STORE_CONSTRAINT, "%s", text);
        default:
                return error_raise(err, SB_STORE_SQL, "%s|%.200s", text, of);
        }
}

int sqlite_command(struct connection *c, const char *sql, struct error *err)
{
        int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
        return code == SQLITE_OK ? 0 : sqlite_raise(c->db, sql, err);
}

/* Statements. */

static struct sqlite_stmt *of(struct stmt *q)
{
        return (struct sqlite_stmt *)(void *)q;
}

static const struct sqlite_stmt *of_const(const struct stmt *q)
{
        return (const struct sqlite_stmt *)(const void *)q;
}

static struct connection *connection_of(struct tx *tx)
{
        return (struct connection *)(void *)tx; /* tx is its first member */
}

static void reset(struct stmt *base)
{
        struct sqlite_stmt *q = of(base);
        if (q->stepped) {
                sqlite3_reset(q->handle);
                q->stepped = false;
                q->row = false;
        }
}

static int prepare(struct stmt **out, struct tx *tx, const char *sql, struct error *err)
{
        struct connection *c = connection_of(tx);
        struct stmt *known = stmt_cache_get(&c->cache, sql);
        if (known) {
                reset(known);
                known->misuse = NULL;
                known->changed = 0;
                *out = known;
                return 0;
        }
        struct buf text;
        int parameters = 0;
        char types[STORE_PARAMETERS_MAX];
        struct sqlite_stmt *q = NULL;
        buf_init(&text, 1 << 20);
        int rc = dialect_rewrite(&text, sql, false, &parameters, types, err);
        if (rc == 0) {
                q = calloc(1, sizeof *q);
                rc = q ? 0 : error_raise(err, SB_MEMORY, "%s", "");
        }
        if (rc == 0) {
                q->base = (struct stmt){.tx = tx, .engine = &sqlite_engine, .sql = sql};
                if (sqlite3_prepare_v3(c->db, buf_text(&text), -1, SQLITE_PREPARE_PERSISTENT, &q->handle, NULL) != SQLITE_OK) {
                        rc = sqlite_raise(c->db, sql, err);
                } else if (!q->handle) {
                        rc = error_raise(err, SB_STORE_SQL, "%s|", "an empty statement");
                }
        }
        if (rc == 0) {
                rc = stmt_cache_put(&c->cache, &q->base, err);
        }
        if (rc == 0) {
                *out = &q->base;
                q = NULL;
        }
        if (q) {
                sqlite3_finalize(q->handle);
                free(q);
        }
        buf_dispose(&text);
        return rc;
}

static void bound(struct stmt *q, int code)
{
        if (code != SQLITE_OK) {
                q->misuse =
                    code == SQLITE_RANGE ? "a parameter that the statement does not have" : "a value that could not be bound";
        }
}

static void bind_int(struct stmt *q, int i, int64_t v)
{
        reset(q);
        bound(q, sqlite3_bind_int64(of(q)->handle, i, v));
}

static void bind_real(struct stmt *q, int i, double v)
{
        reset(q);
        bound(q, sqlite3_bind_double(of(q)->handle, i, v));
}

static void bind_null(struct stmt *q, int i)
{
        reset(q);
        bound(q, sqlite3_bind_null(of(q)->handle, i));
}

static bool plain_ascii(struct str v)
{
        for (size_t i = 0; i < v.n; i++) {
                unsigned char c = (unsigned char)v.p[i];
                if (c == 0 || c >= 0x80) {
                        return false;
                }
        }
        return true;
}

static void bind_bytes(struct stmt *q, int i, struct str v, bool text, bool borrowed)
{
        sqlite3_destructor_type life = borrowed ? SQLITE_STATIC : SQLITE_TRANSIENT;
        const char *p = v.n > 0 ? v.p : "";
        reset(q);
        if (v.n > INT32_MAX / 2) {
                q->misuse = "a value of more than a gigabyte";
        } else if (!text) {
                bound(q, sqlite3_bind_blob(of(q)->handle, i, p, (int)v.n, life));
        } else if (!plain_ascii(v) && utf8_check(v, NULL) != 0) {
                q->misuse = "a text that is not UTF-8 or holds a NUL";
        } else {
                bound(q, sqlite3_bind_text(of(q)->handle, i, p, (int)v.n, life));
        }
}

static int step(struct stmt *base, struct error *err)
{
        struct sqlite_stmt *q = of(base);
        struct connection *c = connection_of(base->tx);
        if (!q->stepped) {
                q->stepped = true;
                if (!q->listed) {
                        q->listed = true;
                        q->next_open = c->open;
                        c->open = q;
                }
        } else if (!q->row) {
                return 0; /* finished before */
        }
        int code = sqlite3_step(q->handle);
        q->row = code == SQLITE_ROW;
        if (q->row) {
                return 1;
        }
        if (code == SQLITE_DONE) {
                base->changed = sqlite3_stmt_readonly(q->handle) ? 0 : sqlite3_changes64(c->db);
                sqlite3_reset(q->handle);
                return 0;
        }
        return sqlite_raise(c->db, base->sql, err);
}

static int64_t column_int(const struct stmt *q, int column)
{
        return sqlite3_column_int64(of_const(q)->handle, column);
}

static double column_real(const struct stmt *q, int column)
{
        return sqlite3_column_double(of_const(q)->handle, column);
}

static struct str column_bytes(const struct stmt *q, int column, bool text)
{
        sqlite3_stmt *h = of_const(q)->handle;
        const char *p = text ? (const char *)sqlite3_column_text(h, column) : sqlite3_column_blob(h, column);
        return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(h, column)};
}

static bool column_null(const struct stmt *q, int column)
{
        return sqlite3_column_type(of_const(q)->handle, column) == SQLITE_NULL;
}

static int script(struct tx *tx, const char *sql, struct error *err)
{
        return sqlite_command(connection_of(tx), sql, err);
}

static int lock_migrations(struct tx *tx, struct error *err)
{
        (void)tx; /* BEGIN IMMEDIATE has done so */
        (void)err;
        return 0;
}

static int guard_attach(struct tx *tx, const struct store_guard *g, struct error *err)
{
        struct connection *c = connection_of(tx);
        return c->guard ? 0 : guard_new(&c->guard, c->db, tx, g, err);
}

static int check_sums(struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx,
                      bool *kept, struct error *err)
{
        return guard_check(connection_of(tx)->db, tx, g, only, tell, ctx, kept, err);
}

static int accept_table(struct tx *tx, const char *table, struct error *err)
{
        return guard_accept(connection_of(tx)->guard, tx, table, err);
}

static int around_migration(struct tx *tx, bool after, struct error *err)
{
        return guard_migration(connection_of(tx)->guard, tx, after, err);
}

/* No statement may stay on a row when its transaction ends. */
void sqlite_close_statements(struct connection *c)
{
        struct sqlite_stmt *q = c->open;
        c->open = NULL;
        while (q) {
                struct sqlite_stmt *next = q->next_open;
                q->next_open = NULL;
                q->listed = false;
                reset(&q->base);
                sqlite3_clear_bindings(q->handle);
                q = next;
        }
}

/* Connections. */

static void disconnect(struct connection *c)
{
        for (size_t i = 0; i < c->cache.cap; i++) {
                if (c->cache.slots[i]) {
                        sqlite3_finalize(of(c->cache.slots[i])->handle);
                        free(c->cache.slots[i]);
                }
        }
        free(c->cache.slots);
        guard_free(c->guard);
        sqlite3_close(c->db);
        *c = (struct connection){0};
}

static int connect_db(struct backend *b, struct connection *c, bool writer, struct error *err)
{
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        if (writer && b->options.create) {
                flags |= SQLITE_OPEN_CREATE;
        }
        if (sqlite3_open_v2(b->path, &c->db, flags, b->options.vfs) != SQLITE_OK) {
                int rc = sqlite_raise(c->db, b->path, err); /* of no connection it says: no memory */
                disconnect(c);
                return rc;
        }
        sqlite3_extended_result_codes(c->db, 1);
        sqlite3_busy_timeout(c->db, b->options.busy_ms);
        int rc = 0;
        if (writer) {
                rc = sqlite_command(c, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536", err);
                if (rc == 0) {
                        rc =
                            sqlite_command(c, b->options.fast_load ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL", err);
                }
                if (rc == 0) { /* who archives the log works it in */
                        rc = sqlite_command(
                            c, archive_marked(b->path) ? "PRAGMA wal_autocheckpoint=0" : "PRAGMA wal_autocheckpoint=4000", err);
                }
        } else {
                rc = sqlite_command(c, "PRAGMA query_only=ON; PRAGMA cache_size=-8192", err);
        }
        if (rc == 0) {
                rc = sqlite_command(c, "PRAGMA temp_store=MEMORY", err);
        }
        if (rc == 0 && archive_marked(b->path)) {
                sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        }
        if (rc != 0) {
                disconnect(c);
        }
        return rc;
}

/* Reading. */

static int reader_take(struct backend *b, struct connection **out, struct error *err)
{
        int rc = 0;
        *out = NULL;
        pthread_mutex_lock(&b->lock);
        while (!*out && rc == 0) {
                for (int i = 0; i < b->reader_count && !*out; i++) {
                        if (!b->readers[i].busy) {
                                *out = &b->readers[i];
                        }
                }
                if (!*out && b->reader_count < b->options.readers) {
                        rc = connect_db(b, &b->readers[b->reader_count], false, err);
                        if (rc == 0) {
                                *out = &b->readers[b->reader_count++];
                        }
                } else if (!*out) {
                        pthread_cond_wait(&b->returned, &b->lock);
                }
        }
        if (*out) {
                (*out)->busy = true;
        }
        pthread_mutex_unlock(&b->lock);
        return rc;
}

static int engine_read(struct backend *b, store_apply *apply, void *ctx, struct error *err)
{
        struct connection *c = NULL;
        int rc = reader_take(b, &c, err);
        if (rc != 0) {
                return rc;
        }
        rc = sqlite_command(c, "BEGIN", err);
        if (rc == 0) {
                tx_begin(&c->tx, b->store, &sqlite_engine);
                rc = tx_verdict(&c->tx, apply(&c->tx, ctx, err), err);
                sqlite_close_statements(c);
                if (!sqlite3_get_autocommit(c->db)) {
                        struct error ignored = {0};
                        (void)sqlite_command(c, "ROLLBACK", &ignored);
                }
                tx_hooks_run(c->tx.hooks, false);
        }
        pthread_mutex_lock(&b->lock);
        c->busy = false;
        pthread_cond_signal(&b->returned);
        pthread_mutex_unlock(&b->lock);
        return rc;
}

/* Opening and closing. */

static int choose_path(struct backend *b, const char *path, struct error *err)
{
        if (strcmp(path, ":memory:") != 0) {
                b->path = strdup(path);
                return b->path ? 0 : error_raise(err, SB_MEMORY, "%s", "");
        }
        /* A database of its own in memory would be seen by one connection only. */
        char folder[64], file[80];
        text_format(folder, sizeof folder, "%s/shebao-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(folder)) {
                return error_raise(err, SB_STORE_OPEN, "%s|%s", folder, "mkdtemp");
        }
        text_format(file, sizeof file, "%s/db", folder);
        b->scratch = strdup(folder);
        b->path = strdup(file);
        b->options.create = true;
        b->options.fast_load = true;
        return b->scratch && b->path ? 0 : error_raise(err, SB_MEMORY, "%s", "");
}

static void remove_scratch(struct backend *b)
{
        static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
        char name[128];
        for (size_t i = 0; b->scratch && i < sizeof ends / sizeof *ends; i++) {
                text_format(name, sizeof name, "%s/db%s", b->scratch, ends[i]);
                unlink(name);
        }
        if (b->scratch) {
                rmdir(b->scratch);
        }
}

static void engine_close(struct backend *b)
{
        if (b->started) {
                pthread_mutex_lock(&b->lock);
                b->stopping = true;
                pthread_cond_signal(&b->wake);
                pthread_mutex_unlock(&b->lock);
                pthread_join(b->thread, NULL);
        }
        for (int i = 0; i < b->reader_count; i++) {
                disconnect(&b->readers[i]);
        }
        disconnect(&b->writer);
        remove_scratch(b);
        pthread_mutex_destroy(&b->lock);
        pthread_cond_destroy(&b->wake);
        pthread_cond_destroy(&b->finished);
        pthread_cond_destroy(&b->returned);
        free(b->scratch);
        free(b->path);
        free(b);
}

static int engine_open(struct backend **out, struct store *s, const char *url, const struct store_options *o, struct error *err)
{
        struct backend *b = calloc(1, sizeof *b);
        if (!b) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        b->store = s;
        b->options = *o;
        if (b->options.readers > READERS_MAX) {
                b->options.readers = READERS_MAX;
        }
        pthread_mutex_init(&b->lock, NULL);
        pthread_cond_init(&b->wake, NULL);
        pthread_cond_init(&b->finished, NULL);
        pthread_cond_init(&b->returned, NULL);
        int rc = choose_path(b, url, err);
        if (rc == 0) {
                rc = connect_db(b, &b->writer, true, err);
        }
        if (rc == 0) {
                if (pthread_create(&b->thread, NULL, sqlite_writer, b) == 0) {
                        b->started = true;
                        *out = b;
                        b = NULL;
                } else {
                        rc = error_raise(err, SB_INTERNAL, "%s", "no thread could be started");
                }
        }
        if (b) {
                engine_close(b);
        }
        return rc;
}

const struct engine sqlite_engine = {
    .postgresql = false,
    .open = engine_open,
    .close = engine_close,
    .write = sqlite_write,
    .read = engine_read,
    .inside = sqlite_inside,
    .prepare = prepare,
    .bind_int = bind_int,
    .bind_real = bind_real,
    .bind_bytes = bind_bytes,
    .bind_null = bind_null,
    .step = step,
    .reset = reset,
    .column_int = column_int,
    .column_real = column_real,
    .column_bytes = column_bytes,
    .column_null = column_null,
    .script = script,
    .lock_migrations = lock_migrations,
    .guard = guard_attach,
    .guard_check = check_sums,
    .guard_accept = accept_table,
    .guard_migration = around_migration,
};
