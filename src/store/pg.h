/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the PostgreSQL engine share: pg_wire.c (errors, what is on its way), pg_statement.c (prepared statements, values),
 * postgresql.c (connections, transactions). Nobody else includes it, and nobody else includes libpq-fe.h.
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include "store/internal.h"

#include <libpq-fe.h>

enum {
        CONNECTIONS_MAX = 64,
        SENT_MAX = 64, /* statements on their way before their results are read */
};

struct pg_stmt; /* pg_statement.c */

struct pg_sending {
        const char *sql;
        struct pg_stmt *asked; /* keeps the result; NULL: nobody looks at it */
};

enum purpose { TO_READ, TO_WRITE, TO_RESERVE };

struct connection {
        struct tx tx;
        PGconn *pg;
        struct stmt_cache cache;
        struct pg_stmt *open;             /* with results of this transaction */
        struct pg_sending sent[SENT_MAX]; /* what was sent and not yet answered, in order */
        int sent_count;
        char xid[32];   /* of the transaction, once answered */
        bool committed; /* COMMIT was answered so */
        bool ended;     /* there was no transaction any more that it could end */
        unsigned names; /* given to prepared statements */
        enum purpose purpose;
        int64_t stream,
            number;   /* of its rows of table_change (pg_guard.c): which, and the last that was committed; 0: not known yet */
        int numbered; /* by the transaction that runs */
        struct sums *heard; /* what it changed; made when first needed, empty between transactions */
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
        struct store_guard *guard; /* NULL: no sums are kept */
        struct sums *before;       /* as they were before the migration that runs */
};

static inline struct connection *connection_of(struct tx *tx)
{
        return (struct connection *)(void *)tx; /* tx is its first member */
}

/* --- pg_wire.c: the first failure of what was sent is the error of whoever reads next ---------------------------------------------- */

int pg_raise_lost(PGconn *pg, struct error *err);
int pg_raise_result(struct connection *c, const PGresult *r, const char *sql, struct error *err);
/* The commands that every transaction needs: prepared once a connection, by their own text as name. PG_XID asks for the transaction's
 * number, which is then kept in the connection. */
extern const char PG_BEGIN[], PG_BEGIN_SERIALIZABLE[], PG_BEGIN_READING[], PG_XID[], PG_COMMIT[], PG_ROLLBACK[];
int pg_commands_prepare(struct connection *c, struct error *err);
/* Room for one more statement: call before sending it, and pg_sent after; asked: who keeps the result, or NULL. */
int pg_together(struct connection *c, struct error *err);
void pg_sent(struct connection *c, const char *sql, struct pg_stmt *asked);
/* Read the answers of all that was sent. */
int pg_settle(struct connection *c, struct error *err);
/* Nothing on its way, and statements one by one again. */
int pg_alone(struct connection *c, struct error *err);
/* Send one of these commands. */
int pg_command_send(struct connection *c, const char *sql, struct error *err);
/* Run it and wait. *value: first column of the first row, if wanted. */
int pg_command(struct connection *c, const char *sql, char *value, size_t size, struct error *err);

/* --- pg_statement.c: the functions of struct engine with the same names -------------------------------------------------------------- */

int pg_prepare(struct stmt **out, struct tx *tx, const char *sql, struct error *err);
void pg_bind_int(struct stmt *q, int i, int64_t v);
void pg_bind_real(struct stmt *q, int i, double v);
void pg_bind_bytes(struct stmt *q, int i, struct str v, bool text, bool borrowed);
void pg_bind_null(struct stmt *q, int i);
int pg_step(struct stmt *q, struct error *err);
int pg_send(struct stmt *q, struct error *err);
int pg_ask(struct stmt *q, struct error *err);
/* The answer of a statement that was asked: its result is the statement's. */
void pg_answered(struct pg_stmt *q, PGresult *r);
void pg_reset(struct stmt *q);
int64_t pg_column_int(const struct stmt *q, int column);
double pg_column_real(const struct stmt *q, int column);
struct str pg_column_bytes(const struct stmt *q, int column, bool text);
bool pg_column_null(const struct stmt *q, int column);
void pg_statements_close(struct connection *c); /* of the transaction that ends: results are freed, statements stay prepared */
void pg_statements_free(struct connection *c);

/* --- pg_guard.c ---------------------------------------------------------------------------------------------------------------------- */

/* Before COMMIT: what the transaction changed, under the key. */
int pg_guard_flush(struct connection *c, struct error *err);
/* The functions of struct engine with the same names. */
int pg_guard(struct tx *tx, const struct store_guard *g, struct error *err);
int pg_guard_settle(struct tx *tx, struct error *err);
int pg_guard_check(struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
                   struct error *err);
int pg_guard_accept(struct tx *tx, const char *table, struct error *err);
int pg_guard_migration(struct tx *tx, bool after, struct error *err);

#endif
