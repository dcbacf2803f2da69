/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepared statements of a connection and their values, which travel in binary form both ways. The result of a statement is kept whole
 * in memory: who reads many rows pages by key.
 */
#include "store/pg.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
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
        bool asked;  /* on its way: its answer is not read yet */
        bool listed; /* in the list of its connection */
        struct pg_stmt *next_open;
};

static struct pg_stmt *of(struct stmt *q)
{
        return (struct pg_stmt *)(void *)q;
}

static const struct pg_stmt *of_const(const struct stmt *q)
{
        return (const struct pg_stmt *)(const void *)q;
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

/* Nobody wants its answer any more. */
static void forget(struct pg_stmt *q)
{
        struct connection *c = connection_of(q->base.tx);
        for (int i = 0; i < c->sent_count; i++) {
                if (c->sent[i].asked == q) {
                        c->sent[i].asked = NULL;
                }
        }
        q->asked = false;
}

void pg_answered(struct pg_stmt *q, PGresult *r)
{
        q->result = r;
        q->asked = false;
}

void pg_reset(struct stmt *base)
{
        struct pg_stmt *q = of(base);
        if (q->asked) {
                forget(q);
        }
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
        int rc = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : pg_raise_result(c, r, q->base.sql, err);
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
                rc = pg_alone(c, err);
        }
        if (rc == 0) {
                PGresult *r = PQprepare(c->pg, q->name, buf_text(&text), 0, NULL);
                if (PQresultStatus(r) != PGRES_COMMAND_OK) {
                        rc = pg_raise_result(c, r, sql, err);
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

int pg_prepare(struct stmt **out, struct tx *tx, const char *sql, struct error *err)
{
        struct connection *c = connection_of(tx);
        struct stmt *known = stmt_cache_get(&c->cache, sql);
        if (known) {
                pg_reset(known);
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
                pg_reset(base);
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

void pg_bind_int(struct stmt *q, int i, int64_t v)
{
        struct parameter *p = place(q, i, 'i');
        if (p) {
                put_u64(p, (uint64_t)v);
        }
}

void pg_bind_real(struct stmt *q, int i, double v)
{
        struct parameter *p = place(q, i, 'r');
        uint64_t bits = 0;
        if (p) {
                memcpy(&bits, &v, sizeof bits);
                put_u64(p, bits);
        }
}

void pg_bind_bytes(struct stmt *q, int i, struct str v, bool text, bool borrowed)
{
        struct parameter *p = place(q, i, text ? 't' : 'b');
        (void)borrowed; /* who has many bytes to borrow copies them in by COPY */
        if (!p) {
                return;
        }
        p->n = v.n;
        if (v.n > INT32_MAX / 2) {
                q->misuse = "a value of more than a gigabyte";
                return;
        }
        if (v.n == 0) {
                p->value = "";
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

void pg_bind_null(struct stmt *q, int i)
{
        (void)place(q, i, 0);
}

static int send_prepared(struct connection *c, const struct pg_stmt *q, struct pg_stmt *asked, struct error *err)
{
        const char *values[STORE_PARAMETERS_MAX];
        int lengths[STORE_PARAMETERS_MAX], formats[STORE_PARAMETERS_MAX];
        int rc = pg_together(c, err);
        if (rc != 0) {
                return rc;
        }
        for (int i = 0; i < q->parameters; i++) {
                const struct parameter *p = &q->values[i];
                values[i] = p->null ? NULL : p->value;
                lengths[i] = p->null ? 0 : (int)p->n;
                formats[i] = 1;
        }
        if (PQsendQueryPrepared(c->pg, q->name, q->parameters, values, lengths, formats, 1) != 1) {
                return pg_raise_lost(c->pg, err);
        }
        pg_sent(c, q->base.sql, asked);
        return 0;
}

int pg_send(struct stmt *base, struct error *err)
{
        return send_prepared(connection_of(base->tx), of(base), NULL, err);
}

int pg_ask(struct stmt *base, struct error *err)
{
        struct pg_stmt *q = of(base);
        struct connection *c = connection_of(base->tx);
        pg_reset(base);
        int rc = send_prepared(c, q, q, err);
        if (!q->listed) {
                q->listed = true;
                q->next_open = c->open;
                c->open = q;
        }
        q->executed = true;
        q->asked = rc == 0;
        q->row = -1;
        return rc;
}

int pg_step(struct stmt *base, struct error *err)
{
        struct pg_stmt *q = of(base);
        int rc = q->executed ? 0 : pg_ask(base, err);
        if (rc == 0 && q->asked) {
                rc = pg_settle(connection_of(base->tx), err);
        }
        if (rc != 0) {
                return rc;
        }
        assert(q->result != NULL);
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

int64_t pg_column_int(const struct stmt *base, int column)
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
                if (d >= 0x1p63) { /* as SQLite answers it */
                        return INT64_MAX;
                }
                return d > -0x1p63 ? (int64_t)d : d <= -0x1p63 ? INT64_MIN : 0;
        default:
                (void)text_to_int(str_from(p), &v);
                return v;
        }
}

double pg_column_real(const struct stmt *base, int column)
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
                return (double)pg_column_int(base, column);
        }
}

struct str pg_column_bytes(const struct stmt *base, int column, bool text)
{
        const struct pg_stmt *q = of_const(base);
        (void)text;
        if (!on_value(q, column)) {
                return (struct str){"", 0};
        }
        return (struct str){PQgetvalue(q->result, q->row, column), (size_t)PQgetlength(q->result, q->row, column)};
}

bool pg_column_null(const struct stmt *base, int column)
{
        return !on_value(of_const(base), column);
}

void pg_statements_close(struct connection *c)
{
        struct pg_stmt *q = c->open;
        c->open = NULL;
        while (q) {
                struct pg_stmt *next = q->next_open;
                q->next_open = NULL;
                q->listed = false;
                pg_reset(&q->base);
                q = next;
        }
}

void pg_statements_free(struct connection *c)
{
        pg_statements_close(c);
        for (size_t i = 0; i < c->cache.cap; i++) {
                if (c->cache.slots[i]) {
                        stmt_free(of(c->cache.slots[i]));
                }
        }
        free(c->cache.slots);
        c->cache = (struct stmt_cache){0};
}
