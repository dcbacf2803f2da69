/* SPDX-License-Identifier: Apache-2.0
 *
 * The only code that talks to SQLite (sqlite3) or PostgreSQL (libpq). It gives the floors above
 * connections, transactions, statements and rows, and tells a soft error (ERR_SOFT: repeat) from a
 * hard one (ERR). It knows no table of the trade.
 *
 * SQL is written once, in the common subset: parameters as ?1@int, ?2@text, ?3@blob, ?4@real
 * (number and declared type; SQLite gets ?1, PostgreSQL $1::bigint …), sums as CAST(SUM(x) AS
 * @int). In DDL the types are @int @text @blob @real; a table ends in "@table" or, when its primary
 * key is its only index,
 * "@clustered"; one that grows for ever and is asked for little may be kept by months: a column month
 * @int, "@monthly" at its end (store_month). A SELECT whose rows must not change (be read by another such
 * SELECT) until the transaction ends closes with @share (@lock): nothing on SQLite, FOR SHARE (FOR
 * UPDATE) on PostgreSQL; @skip leaves out the rows that somebody else holds. No triggers, procedures, sequences, JSON operators, identity columns.
 *
 * After a statement has failed the transaction cannot commit, whatever apply answers; an expected
 * conflict is written ON CONFLICT … DO NOTHING and read from stmt_changed. PostgreSQL hands over a
 * result whole: who reads many rows pages by key.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/calendar.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

struct store;
struct tx;
struct stmt;

struct store_options {
        int readers;     /* connections for reading; 0: 4 */
        int writers;     /* PostgreSQL: connections for writing; 0: 4 (SQLite has one writer thread) */
        int attempts;    /* of a transaction that fails softly; 0: 8 */
        int busy_ms;     /* wait for a lock of another process; 0: 5000 */
        bool create;     /* SQLite: make the file when absent */
        bool fast_load;  /* only for a new, empty database that is thrown away when loading fails: no
                           fsync */
        const char *vfs; /* SQLite: a file system of that name (store/fault.h); NULL: the machine's */
};

/* url: sqlite:PATH, sqlite::memory: (tests), postgresql://… SB_STORE_URL, SB_STORE_OPEN. options
 * NULL: defaults. */
int store_open(struct store **out, const char *url, const struct store_options *options, struct error *err);
void store_close(struct store *s);
bool store_is_postgresql(const struct store *s);
/* For tests and the simulation: the idle connections to the server break, as those of a network do. Nothing on SQLite. */
void store_cut(struct store *s);

/* Numbered migrations, embedded from src/store/migrations/NNNN-name.sql, with checksums: applied in
 * order, each in a transaction; one whose checksum changed after it was applied is
 * SB_STORE_MIGRATION. */
int store_migrate(struct store *s, struct clock *clock, struct error *err);
int store_migrated(struct store *s, int *number, struct error *err); /* newest applied; 0 none */
int store_known(void);                                               /* newest of this program */

/* Who changes rows by other means than this program leaves a trace: of each table the keyed sum of the hashes of its rows is kept
 * (table table_digest), written in the transaction that changes them; only who has the key can bring it up to date. On PostgreSQL each
 * transaction writes what it changed (table table_change), and store_guard_settle brings the sums up to date. key: borrowed for the call. left_out: names of tables that are not kept, ended by NULL; must live. */
struct store_guard {
        unsigned char key[32];
        const char *const *left_out;
};
/* From now on every transaction of this store keeps the sums; the first time all tables are summed up. Once, before others use the store. */
int store_guard(struct store *s, const struct store_guard *g, struct error *err);
/* Tell each table that is not as the sums say: what is "rows" or "values" (counts as kept and found), "table" (it is gone), "definition";
 * of table_digest itself the name of the row that is not genuine. only: this table alone. *kept false: no sums are kept. */
typedef void store_guard_tell(void *ctx, const char *table, const char *what, int64_t expected, int64_t found);
int store_guard_check(struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx,
                      bool *kept, struct error *err);
/* Take the table as it stands from now on; the caller says in the trail who did so and why. Inside a store_write. SB_STORE_NO_TABLE where
 * there is none and none was. */
int store_guard_accept(struct tx *tx, const char *table, struct error *err);
/* The sums say what is committed, and what this transaction did so far: before somebody signs them. Inside a store_write. */
int store_guard_settle(struct tx *tx, struct error *err);

/* Run apply in one transaction, again from the start when it fails softly (bounded, with jitter).
 * apply does no other I/O, keeps no state from a failed attempt, and returns 0, ERR or ERR_SOFT;
 * anything but 0 rolls back. On SQLite a writer thread runs closures in savepoints and acknowledges
 * after the group's commit; on PostgreSQL read committed, with the caller's version checks. */
typedef int store_apply(struct tx *tx, void *ctx, struct error *err);
int store_write(struct store *s, store_apply *apply, void *ctx, struct error *err);
int store_write_serializable(struct store *s, store_apply *apply, void *ctx, struct error *err);
/* Is the error one of the store that passes: somebody makes room, the disk or the server answers again? It says nothing of what was asked,
 * which is to be tried again later. */
bool store_passes(const struct error *err);
/* A read-only snapshot. Writing in it is an error. */
int store_read(struct store *s, store_apply *apply, void *ctx, struct error *err);

/* Statements. The SQL text must live as long as the program (a literal): it is the key of the
 * cache. A statement is borrowed until the transaction ends; preparing it again resets it. Bind
 * indexes from 1. */
int tx_prepare(struct stmt **out, struct tx *tx, const char *sql, struct error *err);
void stmt_bind_int(struct stmt *q, int i, int64_t v);
void stmt_bind_real(struct stmt *q, int i, double v);
void stmt_bind_text(struct stmt *q, int i, struct str v); /* copied; UTF-8 without NUL */
void stmt_bind_blob(struct stmt *q, int i, struct str v); /* copied */
void stmt_bind_null(struct stmt *q, int i);
/* 1 a row, 0 no (more) rows, ERR, ERR_SOFT. */
int stmt_step(struct stmt *q, struct error *err);
/* For the head of a loop, while ((rc = row_next(rc, q, err)) == 1): the next row, unless what came before, the query or the body, failed;
 * it ends with 0 after the last row. */
static inline int row_next(int rc, struct stmt *q, struct error *err)
{
        return rc < 0 ? rc : stmt_step(q, err);
}
void stmt_reset(struct stmt *q);
int64_t stmt_changed(const struct stmt *q);         /* rows changed by the last complete step */
int64_t stmt_int(const struct stmt *q, int column); /* columns from 0; NULL gives 0 */
double stmt_real(const struct stmt *q, int column);
struct str stmt_text(const struct stmt *q, int column); /* borrowed until the next step */
struct str stmt_blob(const struct stmt *q, int column);
bool stmt_null(const struct stmt *q, int column);

/* Prepare and bind in one call. types: i int64_t, t const char * (NULL allowed), s struct str text,
 * b struct str blob, r double, n null (no argument). tx_query leaves the statement ready to step;
 * tx_exec runs it, and PostgreSQL may tell its failure only with a later statement or with the commit; tx_exec_changed runs it and
 * waits; tx_one steps once: 1 a row, 0 none. tx_ask sets a query out and does not wait: what is asked together is one round trip to
 * PostgreSQL. It sees what was done before it; its failure is told at the latest by its first step. Between tx_ask and the last step write
 * nothing that the query would see: SQLite finds the second and later rows only as they are stepped to. */
int tx_query(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...);
int tx_ask(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...);
int tx_exec(struct tx *tx, struct error *err, const char *sql, const char *types, ...);
int tx_exec_changed(struct tx *tx, int64_t *changed, struct error *err, const char *sql, const char *types, ...);
int tx_one(struct stmt **out, struct tx *tx, struct error *err, const char *sql, const char *types, ...);

/* Bulk rows into one table: COPY on PostgreSQL, a prepared batch on SQLite. columns: "home@int,
 * id@int, name@text". Values in order, then bulk_row. Nothing else may use the tx until bulk_close.
 */
struct bulk;
int bulk_open(struct bulk **out, struct tx *tx, const char *table, const char *columns, struct error *err);
void bulk_int(struct bulk *b, int64_t v);
void bulk_real(struct bulk *b, double v);
void bulk_text(struct bulk *b, struct str v);
void bulk_blob(struct bulk *b, struct str v);
void bulk_null(struct bulk *b);
int bulk_row(struct bulk *b, struct error *err);
int bulk_close(struct bulk *b, struct error *err); /* frees b, also on error */

/* Lease work: mark up to `limit` rows of `table` (columns home, id, state, lease_owner,
 * lease_until) whose state is `state` and whose lease has ended, ordered by (home, id), as owned
 * until `until`; ids into out. Returns the number, or ERR/ERR_SOFT. Two workers never get the same
 * row. */
struct store_key {
        int32_t home;
        int64_t id;
};
int store_claim(struct tx *tx, struct store_key *out, int limit, const char *table, const char *state, const char *owner,
                instant_t now, instant_t until, struct error *err);

/* Make room for a month (base/calendar.h) in a table that is kept by months, before the first row of it
 * is written: on PostgreSQL a partition, table_YYYYMM, made apart and attached with its bounds proved, so
 * that nobody who reads or writes the table waits; nothing on SQLite. Nothing when it is there. A table is
 * named by a literal. */
int store_month(struct tx *tx, const char *table, month_t month, struct error *err);

/* 64-bit ids from the block allocator of a home; the allocator keeps a block and is safe from any
 * thread. Ids of a lost block are not used again. */
struct ids;
int ids_open(struct ids **out, struct store *s, int32_t home, int block, struct error *err);
void ids_close(struct ids *a);
int ids_next(struct ids *a, int64_t *out, struct error *err);
/* A range of n consecutive ids for a bulk. */
int ids_range(struct ids *a, int64_t n, int64_t *first, struct error *err);

#endif
