/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that includes libpq-fe.h. A bounded pool of connections, each with its prepared
 * statements; values travel in binary form both ways. A connection that was lost is a soft failure,
 * except when it was lost during COMMIT: then the server is asked what became of the transaction.
 * The result of a statement is kept whole in memory: who reads many rows pages by key.
 */
#include "store/internal.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        CONNECTIONS_MAX = 64,
        OID_BOOL = 16,
        OID_BYTEA = 17,
        OID_INT8 = 20,
        OID_INT2 = 21,
        OID_INT4 = 23,
        OID_TEXT = 25,
        OID_FLOAT4 = 700,
        OID_FLOAT8 = 701,
        OID_UNKNOWN = 705,
        OID_VARCHAR = 1043,
        OID_NAME = 19
};

struct parameter {
        char type;
        bool null;
        char fixed[8];
        char *bytes; /* owned, of `cap` bytes */
        const char *value;
        size_t n, cap;
};

struct pg_stmt {
        struct stmt base;
        char name[24];
        int parameters;
        struct parameter *values;
        PGresult *result;
        int row;
        bool executed;
        bool listed; /* in the list of its connection */
        struct pg_stmt *next_open;
};

enum purpose { TO_READ, TO_WRITE, TO_RESERVE };

struct connection {
        struct tx tx;
        PGconn *pg;
        struct stmt_cache cache;
        struct pg_stmt *open;
        unsigned names; /* given to prepared statements */
        enum purpose purpose;
        bool busy;
        pthread_t user;
};

struct backend {
        struct store *store;
        char *url;
        struct store_options options;
        pthread_mutex_t lock;
        pthread_cond_t returned;
        struct connection connections[2 * CONNECTIONS_MAX + 1];
        int count;
};

/* Errors. */

static int raise_lost(PGconn *pg, struct error *err)
{
        char text[200];
        text_copy(text, sizeof text, str_trim(str_from(pg ? PQerrorMessage(pg) : "")));
        return error_raise_soft(err, SB_STORE_CONNECTION, "%s", text);
}

static int raise_state(const PGresult *r, const char *sql, struct error *err)
{
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
        const char *name = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
        const char *column = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);
        state = state ? state : "";
        text = text ? text : PQresultErrorMessage(r);
        name = name ? name : column ? column : text;
        if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
                return error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
        }
        if (strcmp(state, "55P03") == 0 || strcmp(state, "53300") == 0) {
                return error_raise_soft(err, SB_STORE_BUSY, "%s", "");
        }
        if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0) {
                return error_raise_soft(err, SB_STORE_CONNECTION, "%s", text);
        }
        if (strcmp(state, "23505") == 0) {
                return error_raise(err, SB_STORE_UNIQUE, "%s", name);
        }
        if (strncmp(state, "23", 2) == 0) {
                return error_raise(err, SB_STORE_CONSTRAINT, "%s", name);
        }
        if (strcmp(state, "53100") == 0) {
                return error_raise(err, SB_STORE_FULL, "%s", "");
        }
        if (strcmp(state, "25006") == 0) {
                return error_raise(err, SB_STORE_READONLY, "%s", "");
        }
        if (strcmp(state, "53200") == 0) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        if (strncmp(state, "58", 2) == 0) {
                return error_raise(err, SB_STORE_IO, "%s", text);
        }
        if (strncmp(state, "XX00", 4) == 0 && state[4] > '0') {
                return error_raise(err, SB_STORE_CORRUPT, "%s", text);
        }
        return error_raise(err, SB_STORE_SQL, "%s|%.200s", text, sql);
}

static int raise_result(struct connection *c, const PGresult *r, const char *sql, struct error *err)
{
        if (r && PQresultErrorField(r, PG_DIAG_SQLSTATE)) {
                return raise_state(r, sql, err);
        }
        if (PQstatus(c->pg) != CONNECTION_OK) {
                return raise_lost(c->pg, err);
        }
        return error_raise(err, SB_STORE_SQL, "%s|%.200s", PQerrorMessage(c->pg), sql);
}

/* Run SQL of the engine's own, without parameters. *value: first column of the first row, if
 * wanted. */
static int command(struct connection *c, const char *sql, char *value, size_t size, struct error *err)
{
        PGresult *r = PQexec(c->pg, sql);
        ExecStatusType status = PQresultStatus(r);
        int rc = 0;
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
                rc = raise_result(c, r, sql, err);
        } else if (value) {
                text_copy(value, size, str_from(PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : ""));
        }
        PQclear(r);
        return rc;
}

/* Statements. */

static struct pg_stmt *of(struct stmt *q)
{
        return (struct pg_stmt *)(void *)q;
}

static const struct pg_stmt *of_const(const struct stmt *q)
{
        return (const struct pg_stmt *)(const void *)q;
}

static struct connection *connection_of(struct tx *tx)
{
        return (struct connection *)(void *)tx; /* tx is its first member */
}

static void stmt_free(struct pg_stmt *q)
{
        if (!q) {
                return;
        }
        for (int i = 0; q->values && i < q->parameters; i++) {
                free(q->values[i].bytes);
        }
        free(q->values);
        PQclear(q->result);
        free(q);
}

static void reset(struct stmt *base)
{
        struct pg_stmt *q = of(base);
        PQclear(q->result);
        q->result = NULL;
        q->executed = false;
}

/* A type of column that column_* understands; others are a fault of the statement (a sum without
 * CAST). */
static bool known_type(Oid type)
{
        switch (type) {
        case OID_BOOL:
        case OID_BYTEA:
        case OID_INT8:
        case OID_INT2:
        case OID_INT4:
        case OID_TEXT:
        case OID_NAME:
        case OID_FLOAT4:
        case OID_FLOAT8:
        case OID_UNKNOWN:
        case OID_VARCHAR:
                return true;
        default:
                return false;
        }
}

static int check_columns(struct connection *c, const struct pg_stmt *q, struct error *err)
{
        PGresult *r = PQdescribePrepared(c->pg, q->name);
        int rc = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : raise_result(c, r, q->base.sql, err);
        for (int i = 0; rc == 0 && i < PQnfields(r); i++) {
                if (!known_type(PQftype(r, i))) {
                        rc = error_raise(err, SB_STORE_SQL, "column %d has a type that the subset does not have|%.200s", i,
                                         q->base.sql);
                }
        }
        PQclear(r);
        return rc;
}

static int prepare_new(struct pg_stmt **out, struct connection *c, const char *sql, struct error *err)
{
        struct buf text;
        char types[STORE_PARAMETERS_MAX];
        struct pg_stmt *q = calloc(1, sizeof *q);
        buf_init(&text, 1 << 20);
        int rc = q ? 0 : error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                rc = dialect_rewrite(&text, sql, true, &q->parameters, types, err);
        }
        if (rc == 0) {
                q->base = (struct stmt){.tx = &c->tx, .engine = &postgresql_engine, .sql = sql};
                text_format(q->name, sizeof q->name, "s%u", ++c->names);
                q->values = calloc((size_t)q->parameters + 1, sizeof *q->values);
                rc = q->values ? 0 : error_raise(err, SB_MEMORY, "%s", "");
        }
        for (int i = 0; rc == 0 && i < q->parameters; i++) {
                q->values[i].type = types[i];
                q->values[i].null = true;
        }
        if (rc == 0) {
                PGresult *r = PQprepare(c->pg, q->name, buf_text(&text), 0, NULL);
                if (PQresultStatus(r) != PGRES_COMMAND_OK) {
                        rc = raise_result(c, r, sql, err);
                }
                PQclear(r);
        }
        if (rc == 0) {
                rc = check_columns(c, q, err);
        }
        if (rc == 0) {
                rc = stmt_cache_put(&c->cache, &q->base, err);
        }
        if (rc == 0) {
                *out = q;
                q = NULL;
        }
        stmt_free(q);
        buf_dispose(&text);
        return rc;
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
        struct pg_stmt *q = NULL;
        int rc = prepare_new(&q, c, sql, err);
        if (rc == 0) {
                *out = &q->base;
        }
        return rc;
}

/* The place of a parameter; type 0 takes any. */
static struct parameter *place(struct stmt *base, int i, char type)
{
        struct pg_stmt *q = of(base);
        if (q->executed) {
                reset(base);
        }
        if (i < 1 || i > q->parameters) {
                base->misuse = "a parameter that the statement does not have";
                return NULL;
        }
        struct parameter *p = &q->values[i - 1];
        if (type != 0 && p->type != type) {
                base->misuse = "a parameter of another type than declared";
                return NULL;
        }
        p->null = type == 0;
        return p;
}

static void put_u64(struct parameter *p, uint64_t v)
{
        for (int i = 0; i < 8; i++) {
                p->fixed[i] = (char)(unsigned char)(v >> (56 - 8 * i));
        }
        p->value = p->fixed;
        p->n = 8;
}

static void bind_int(struct stmt *q, int i, int64_t v)
{
        struct parameter *p = place(q, i, 'i');
        if (p) {
                put_u64(p, (uint64_t)v);
        }
}

static void bind_real(struct stmt *q, int i, double v)
{
        struct parameter *p = place(q, i, 'r');
        uint64_t bits = 0;
        if (p) {
                memcpy(&bits, &v, sizeof bits);
                put_u64(p, bits);
        }
}

static void bind_bytes(struct stmt *q, int i, struct str v, bool text, bool borrowed)
{
        struct parameter *p = place(q, i, text ? 't' : 'b');
        if (!p) {
                return;
        }
        p->n = v.n;
        if (v.n > INT32_MAX / 2) {
                q->misuse = "a value of more than a gigabyte";
                return;
        }
        if (borrowed || v.n == 0) {
                p->value = v.n > 0 ? v.p : "";
                return;
        }
        if (v.n > p->cap) {
                char *bigger = realloc(p->bytes, v.n + 32);
                if (!bigger) {
                        q->misuse = "a value that could not be bound";
                        return;
                }
                p->bytes = bigger;
                p->cap = v.n + 32;
        }
        memcpy(p->bytes, v.p, v.n);
        p->value = p->bytes;
}

static void bind_null(struct stmt *q, int i)
{
        (void)place(q, i, 0);
}

static int execute(struct connection *c, struct pg_stmt *q, struct error *err)
{
        const char *values[STORE_PARAMETERS_MAX];
        int lengths[STORE_PARAMETERS_MAX], formats[STORE_PARAMETERS_MAX];
        for (int i = 0; i < q->parameters; i++) {
                const struct parameter *p = &q->values[i];
                values[i] = p->null ? NULL : p->value;
                lengths[i] = p->null ? 0 : (int)p->n;
                formats[i] = 1;
        }
        if (!q->listed) {
                q->listed = true;
                q->next_open = c->open;
                c->open = q;
        }
        q->executed = true;
        q->row = -1;
        q->result = PQexecPrepared(c->pg, q->name, q->parameters, values, lengths, formats, 1);
        ExecStatusType status = PQresultStatus(q->result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
                return raise_result(c, q->result, q->base.sql, err);
        }
        return 0;
}

static int step(struct stmt *base, struct error *err)
{
        struct pg_stmt *q = of(base);
        if (!q->executed) {
                int rc = execute(connection_of(base->tx), q, err);
                if (rc != 0) {
                        return rc;
                }
        }
        if (q->row + 1 < PQntuples(q->result)) {
                q->row++;
                return 1;
        }
        int64_t changed = 0;
        if (strncmp(PQcmdStatus(q->result), "SELECT", 6) != 0) {
                (void)text_to_int(str_from(PQcmdTuples(q->result)), &changed);
        }
        base->changed = changed;
        q->row = PQntuples(q->result);
        return 0;
}

static uint64_t get_bytes(const char *p, int n)
{
        uint64_t v = 0;
        for (int i = 0; i < n; i++) {
                v = v << 8 | (unsigned char)p[i];
        }
        return v;
}

static bool on_value(const struct pg_stmt *q, int column)
{
        return q->result && q->row >= 0 && q->row < PQntuples(q->result) && column >= 0 && column < PQnfields(q->result) &&
               !PQgetisnull(q->result, q->row, column);
}

static int64_t column_int(const struct stmt *base, int column)
{
        const struct pg_stmt *q = of_const(base);
        if (!on_value(q, column)) {
                return 0;
        }
        const char *p = PQgetvalue(q->result, q->row, column);
        int64_t v = 0;
        double d = 0;
        uint64_t bits = 0;
        switch (PQftype(q->result, column)) {
        case OID_INT8:
                return (int64_t)get_bytes(p, 8);
        case OID_INT4:
                return (int32_t)(uint32_t)get_bytes(p, 4);
        case OID_INT2:
                return (int16_t)(uint16_t)get_bytes(p, 2);
        case OID_BOOL:
                return p[0] != 0;
        case OID_FLOAT8:
                bits = get_bytes(p, 8);
                memcpy(&d, &bits, sizeof d);
                return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
        default:
                (void)text_to_int(str_from(p), &v);
                return v;
        }
}

static double column_real(const struct stmt *base, int column)
{
        const struct pg_stmt *q = of_const(base);
        if (!on_value(q, column)) {
                return 0;
        }
        const char *p = PQgetvalue(q->result, q->row, column);
        uint64_t bits = 0;
        uint32_t half = 0;
        double d = 0;
        float f = 0;
        switch (PQftype(q->result, column)) {
        case OID_FLOAT8:
                bits = get_bytes(p, 8);
                memcpy(&d, &bits, sizeof d);
                return d;
        case OID_FLOAT4:
                half = (uint32_t)get_bytes(p, 4);
                memcpy(&f, &half, sizeof f);
                return (double)f;
        default:
                return (double)column_int(base, column);
        }
}

static struct str column_bytes(const struct stmt *base, int column, bool text)
{
        const struct pg_stmt *q = of_const(base);
        (void)text;
        if (!on_value(q, column)) {
                return (struct str){"", 0};
        }
        return (struct str){PQgetvalue(q->result, q->row, column), (size_t)PQgetlength(q->result, q->row, column)};
}

static bool column_null(const struct stmt *base, int column)
{
        return !on_value(of_const(base), column);
}

static int script(struct tx *tx, const char *sql, struct error *err)
{
        return command(connection_of(tx), sql, NULL, 0, err);
}

static int lock_migrations(struct tx *tx, struct error *err)
{
        return script(tx, "SELECT pg_advisory_xact_lock(5308401)", err);
}

/* Copy. */

static int copy_begin(struct tx *tx, const char *sql, struct error *err)
{
        struct connection *c = connection_of(tx);
        PGresult *r = PQexec(c->pg, sql);
        int rc = PQresultStatus(r) == PGRES_COPY_IN ? 0 : raise_result(c, r, sql, err);
        PQclear(r);
        return rc;
}

static int copy_data(struct tx *tx, struct str bytes, struct error *err)
{
        struct connection *c = connection_of(tx);
        return PQputCopyData(c->pg, bytes.p, (int)bytes.n) == 1 ? 0 : raise_lost(c->pg, err);
}

static int copy_end(struct tx *tx, bool ok, struct error *err)
{
        struct connection *c = connection_of(tx);
        int rc = 0;
        if (PQputCopyEnd(c->pg, ok ? NULL : "given up") != 1 && ok) {
                rc = raise_lost(c->pg, err);
        }
        for (PGresult *r = PQgetResult(c->pg); r; r = PQgetResult(c->pg)) {
                if (ok && rc == 0 && PQresultStatus(r) != PGRES_COMMAND_OK) {
                        rc = raise_result(c, r, "COPY", err);
                }
                PQclear(r);
                if (PQstatus(c->pg) != CONNECTION_OK) {
                        break;
                }
        }
        return rc;
}

/* Connections. */

static void close_statements(struct connection *c)
{
        struct pg_stmt *q = c->open;
        c->open = NULL;
        while (q) {
                struct pg_stmt *next = q->next_open;
                q->next_open = NULL;
                q->listed = false;
                reset(&q->base);
                q = next;
        }
}

static void disconnect(struct connection *c)
{
        close_statements(c);
        for (size_t i = 0; i < c->cache.cap; i++) {
                if (c->cache.slots[i]) {
                        stmt_free(of(c->cache.slots[i]));
                }
        }
        free(c->cache.slots);
        c->cache = (struct stmt_cache){0};
        PQfinish(c->pg);
        c->pg = NULL;
}

static void ignore_notice(void *arg, const PGresult *r)
{
        (void)arg;
        (void)r;
}

static int connect_pg(struct backend *b, struct connection *c, struct error *err)
{
        const char *const names[] = {"connect_timeout", "application_name", "dbname", "client_encoding", NULL};
        const char *const values[] = {"10", "shebao", b->url, "UTF8", NULL};
        char sql[256];
        if (c->pg && PQstatus(c->pg) == CONNECTION_OK) {
                return 0;
        }
        disconnect(c);
        c->pg = PQconnectdbParams(names, values, 1);
        if (!c->pg || PQstatus(c->pg) != CONNECTION_OK) {
                int rc = raise_lost(c->pg, err);
                disconnect(c);
                return rc;
        }
        PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
        text_format(sql, sizeof sql,
                    "SET timezone = 'UTC'; SET bytea_output = 'hex'; SET standard_conforming_strings = on; "
                    "SET lock_timeout = %d; SET synchronous_commit = %s",
                    b->options.busy_ms, b->options.fast_load ? "off" : "on");
        int rc = command(c, sql, NULL, 0, err);
        if (rc != 0) {
                disconnect(c);
        }
        return rc;
}

static int take(struct backend *b, enum purpose purpose, struct connection **out, struct error *err)
{
        struct connection *found = NULL;
        bool nested = false;
        pthread_mutex_lock(&b->lock);
        while (!found && !nested) {
                for (int i = 0; i < b->count; i++) {
                        struct connection *c = &b->connections[i];
                        if (c->purpose != purpose) {
                                continue;
                        }
                        if (!c->busy && (!found || (c->pg && !found->pg))) {
                                found = c; /* rather one that is connected */
                        }
                        nested = nested || (purpose == TO_WRITE && c->busy && pthread_equal(c->user, pthread_self()));
                }
                if (!found && !nested) {
                        pthread_cond_wait(&b->returned, &b->lock);
                }
        }
        if (!nested) {
                found->busy = true;
                found->user = pthread_self();
        }
        pthread_mutex_unlock(&b->lock);
        if (nested) {
                return error_raise(err, SB_INTERNAL, "%s", "a transaction inside a transaction");
        }
        *out = found;
        return 0;
}

static void give_back(struct backend *b, struct connection *c)
{
        pthread_mutex_lock(&b->lock);
        c->busy = false;
        pthread_cond_broadcast(&b->returned);
        pthread_mutex_unlock(&b->lock);
}

/* End a transaction that shall leave nothing; a connection that cannot is closed. */
static void rollback(struct connection *c)
{
        struct error ignored = {0};
        close_statements(c);
        if (c->pg && (PQstatus(c->pg) != CONNECTION_OK || command(c, "ROLLBACK", NULL, 0, &ignored) != 0)) {
                disconnect(c);
        }
}

/* What became of a transaction whose COMMIT was not answered. */
static int resolve(struct backend *b, struct connection *c, const char *xid, struct error *err)
{
        char sql[96], status[32] = "";
        text_format(sql, sizeof sql, "SELECT pg_xact_status('%s'::xid8)", xid);
        for (int i = 0; i < 20; i++) {
                struct timespec pause = {0, 100000000L};
                struct error ignored = {0};
                if (connect_pg(b, c, &ignored) == 0 && command(c, sql, status, sizeof status, &ignored) == 0) {
                        if (strcmp(status, "committed") == 0) {
                                return 0;
                        }
                        if (strcmp(status, "aborted") == 0) {
                                return error_raise_soft(err, SB_STORE_CONNECTION, "%s", "COMMIT");
                        }
                }
                nanosleep(&pause, NULL);
        }
        return error_raise(err, SB_STORE_UNKNOWN, "%s", "");
}

static int commit(struct backend *b, struct connection *c, const char *xid, struct error *err)
{
        PGresult *r = PQexec(c->pg, "COMMIT");
        int rc = 0;
        if (PQresultStatus(r) == PGRES_COMMAND_OK) {
                if (strcmp(PQcmdStatus(r), "COMMIT") != 0) {
                        rc = error_raise(err, SB_INTERNAL, "%s", "a failed transaction was to be committed");
                }
        } else if (PQstatus(c->pg) != CONNECTION_OK) {
                rc = resolve(b, c, xid, err);
        } else {
                rc = raise_result(c, r, "COMMIT", err);
        }
        PQclear(r);
        return rc;
}

static int engine_write(struct backend *b, int flags, store_apply *apply, void *ctx, struct error *err)
{
        struct connection *c = NULL;
        char xid[32] = "";
        const char *begin = flags & WRITE_SERIALIZABLE
                                ? "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT pg_current_xact_id()::text"
                                : "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_current_xact_id()::text";
        int rc = take(b, flags & WRITE_SIDE ? TO_RESERVE : TO_WRITE, &c, err);
        if (rc != 0) {
                return rc;
        }
        tx_begin(&c->tx, b->store, &postgresql_engine);
        rc = connect_pg(b, c, err);
        if (rc == 0) {
                rc = command(c, begin, xid, sizeof xid, err);
        }
        if (rc == 0) {
                rc = tx_verdict(&c->tx, apply(&c->tx, ctx, err), err);
                close_statements(c);
        }
        if (rc == 0) {
                rc = commit(b, c, xid, err);
        }
        if (rc != 0) {
                rollback(c);
        }
        tx_hooks_run(c->tx.hooks, rc == 0);
        give_back(b, c);
        return rc;
}

static int engine_read(struct backend *b, store_apply *apply, void *ctx, struct error *err)
{
        struct connection *c = NULL;
        int rc = take(b, TO_READ, &c, err);
        if (rc != 0) {
                return rc;
        }
        tx_begin(&c->tx, b->store, &postgresql_engine);
        rc = connect_pg(b, c, err);
        if (rc == 0) {
                rc = command(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0, err);
        }
        if (rc == 0) {
                rc = tx_verdict(&c->tx, apply(&c->tx, ctx, err), err);
        }
        rollback(c);
        tx_hooks_run(c->tx.hooks, false);
        give_back(b, c);
        return rc;
}

static struct tx *inside(struct backend *b)
{
        (void)b; /* ids have a connection of their own */
        return NULL;
}

/* Opening and closing. */

static void engine_close(struct backend *b)
{
        for (int i = 0; i < b->count; i++) {
                disconnect(&b->connections[i]);
        }
        pthread_mutex_destroy(&b->lock);
        pthread_cond_destroy(&b->returned);
        free(b->url);
        free(b);
}

static void add_connections(struct backend *b, enum purpose purpose, int n)
{
        for (int i = 0; i < n && i < CONNECTIONS_MAX; i++) {
                b->connections[b->count++].purpose = purpose;
        }
}

static int check_url(const char *url, struct error *err)
{
        char *why = NULL;
        PQconninfoOption *options = PQconninfoParse(url, &why);
        int rc = options ? 0 : error_raise(err, SB_STORE_URL, "%s", "postgresql://…");
        if (!options) {
                error_where(err, "%.200s", why ? why : "");
        }
        PQconninfoFree(options);
        PQfreemem(why);
        return rc;
}

static int engine_open(struct backend **out, struct store *s, const char *url, const struct store_options *o, struct error *err)
{
        struct connection *c = NULL;
        int rc = check_url(url, err);
        if (rc != 0) {
                return rc;
        }
        struct backend *b = calloc(1, sizeof *b);
        char *copy = strdup(url);
        if (!b || !copy) {
                free(b);
                free(copy);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        b->store = s;
        b->url = copy;
        b->options = *o;
        pthread_mutex_init(&b->lock, NULL);
        pthread_cond_init(&b->returned, NULL);
        add_connections(b, TO_READ, o->readers);
        add_connections(b, TO_WRITE, o->writers);
        add_connections(b, TO_RESERVE, 1);
        rc = take(b, TO_READ, &c, err);
        if (rc == 0) {
                struct error why = {0};
                if (connect_pg(b, c, &why) != 0) {
                        rc = error_raise(err, SB_STORE_OPEN, "PostgreSQL|%s", why.args);
                }
                give_back(b, c);
        }
        if (rc == 0) {
                *out = b;
        } else {
                engine_close(b);
        }
        return rc;
}

const struct engine postgresql_engine = {
    .postgresql = true,
    .open = engine_open,
    .close = engine_close,
    .write = engine_write,
    .read = engine_read,
    .inside = inside,
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
    .copy_begin = copy_begin,
    .copy_data = copy_data,
    .copy_end = copy_end,
};
