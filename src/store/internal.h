/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of src/store share and nobody else includes: the table of functions that an engine
 * (sqlite.c, postgresql.c) offers, the common head of transactions and statements, the rewriting of
 * the common subset of SQL, and the cache of statements by the address of their text.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/store.h"

#include <pthread.h>

enum { STORE_PARAMETERS_MAX = 256, STORE_COLUMNS_MAX = 64 };

struct engine;
struct backend; /* an engine's own connections */

/* Called once when the fate of a transaction is known. */
struct tx_hook {
        struct tx_hook *next;
        void (*end)(void *ctx, bool committed);
        void *ctx;
};

struct tx {
        struct store *store;
        const struct engine *engine;
        bool failed; /* a statement failed: the transaction cannot commit, whatever apply says */
        bool soft;
        bool in_bulk;
        struct error first; /* the failure */
        struct tx_hook *hooks;
};

struct stmt {
        struct tx *tx;
        const struct engine *engine;
        const char *sql; /* the caller's text: key of the cache */
        int64_t changed;
        bool ahead;         /* asked where the engine has no such way: its first step is done */
        int ahead_rc;       /* and was answered so */
        const char *misuse; /* a value that could not be bound; said by the next step */
};

enum write_flags {
        WRITE_SERIALIZABLE = 1,
        WRITE_SIDE = 2, /* on the connection kept for ids: the caller may hold one of the pool */
        WRITE_SOLO = 4, /* SQLite: not in a group with others */
};

/* write and read make one attempt; store.c repeats. bind and column take indexes as store.h says.
 */
struct engine {
        bool postgresql;
        int (*open)(struct backend **out, struct store *s, const char *url, const struct store_options *o, struct error *err);
        void (*close)(struct backend *b);
        int (*write)(struct backend *b, int flags, store_apply *apply, void *ctx, struct error *err);
        int (*read)(struct backend *b, store_apply *apply, void *ctx, struct error *err);
        /* The transaction in which the calling thread is, when ids must be taken inside it; else
         * NULL. */
        struct tx *(*inside)(struct backend *b);
        int (*prepare)(struct stmt **out, struct tx *tx, const char *sql, struct error *err);
        void (*bind_int)(struct stmt *q, int i, int64_t v);
        void (*bind_real)(struct stmt *q, int i, double v);
        /* borrowed: the bytes stay until the next step */
        void (*bind_bytes)(struct stmt *q, int i, struct str v, bool text, bool borrowed);
        void (*bind_null)(struct stmt *q, int i);
        int (*step)(struct stmt *q, struct error *err);
        /* Run to the end, its result and its failure told by a later statement or by the commit; NULL: the engine has no such way. */
        int (*send)(struct stmt *q, struct error *err);
        /* Set out, its rows read by the first step; NULL: the engine has no such way. */
        int (*ask)(struct stmt *q, struct error *err);
        void (*reset)(struct stmt *q);
        int64_t (*column_int)(const struct stmt *q, int column);
        double (*column_real)(const struct stmt *q, int column);
        struct str (*column_bytes)(const struct stmt *q, int column, bool text);
        bool (*column_null)(const struct stmt *q, int column);
        /* Statements that are already in the engine's own SQL, run at once and not kept. */
        int (*script)(struct tx *tx, const char *sql, struct error *err);
        /* Only one process migrates at a time, until the transaction ends. */
        int (*lock_migrations)(struct tx *tx, struct error *err);
        void (*cut)(struct backend *b); /* NULL: there is nothing to break */
        /* The sums of the tables (store_guard, store_guard_check, store_guard_accept, store_guard_settle). */
        int (*guard)(struct tx *tx, const struct store_guard *g, struct error *err);
        int (*guard_check)(struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx,
                           bool *kept, struct error *err);
        int (*guard_accept)(struct tx *tx, const char *table, struct error *err);
        int (*guard_settle)(struct tx *tx, struct error *err); /* NULL: they are written with every transaction */
        /* Around a migration. */
        int (*guard_migration)(struct tx *tx, bool after, struct error *err);
        /* COPY … FROM STDIN (PostgreSQL only, else NULL). copy_end with ok false gives the copy up.
         */
        int (*copy_begin)(struct tx *tx, const char *sql, struct error *err);
        int (*copy_data)(struct tx *tx, struct str bytes, struct error *err);
        int (*copy_end)(struct tx *tx, bool ok, struct error *err);
};

extern const struct engine sqlite_engine;
extern const struct engine postgresql_engine;

struct store {
        const struct engine *engine;
        struct backend *backend;
        struct store_options options;
        pthread_mutex_t lock; /* of interned */
        char **interned;
        size_t interned_count, interned_cap;
};

/* A call inside the transaction failed: remember it when it is the first, tell it unless something was told, return ERR or ERR_SOFT. */
int tx_failed(struct tx *tx, const struct error *mine, struct error *err);
void tx_begin(struct tx *tx, struct store *s, const struct engine *e);
/* What apply's answer means: 0 only when nothing failed inside. */
int tx_verdict(struct tx *tx, int rc, struct error *err);
void tx_hook_add(struct tx *tx, struct tx_hook *h);
void tx_hooks_run(struct tx_hook *first, bool committed);

/* store_write on the side connection. */
int store_write_side(struct store *s, store_apply *apply, void *ctx, struct error *err);

/* SQL built at run time: the same text gives the same address for the life of the store. */
const char *store_intern(struct store *s, const char *sql, struct error *err);

/* dialect.c: one statement of the common subset into the engine's SQL. *parameters: highest ?N;
 * types[N-1]: 'i' 't' 'b' 'r'. SB_STORE_SQL for what the subset does not have. */
int dialect_rewrite(struct buf *out, const char *sql, bool postgresql, int *parameters, char types[STORE_PARAMETERS_MAX],
                    struct error *err);
/* The end of the first statement of a script (its semicolon or the end of the text). */
const char *dialect_statement_end(const char *script);

/* Statements by the address of their SQL. */
struct stmt_cache {
        struct stmt **slots;
        size_t cap, count;
};
struct stmt *stmt_cache_get(const struct stmt_cache *c, const char *sql);
int stmt_cache_put(struct stmt_cache *c, struct stmt *q, struct error *err);

/* Embedded migrations (generated). */
struct migration {
        int number;
        const char *name;
        const char *sql;
};
extern const struct migration store_migrations[];
extern const size_t store_migrations_count;

#endif
