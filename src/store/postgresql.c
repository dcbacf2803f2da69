/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine on PostgreSQL: a bounded pool of connections, transactions on them, COPY. A connection that was lost is a soft failure,
 * except when it was lost during COMMIT: then the server is asked what became of the transaction.
 */
#include "store/pg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static int script(struct tx *tx, const char *sql, struct error *err)
{
        return pg_command(connection_of(tx), sql, NULL, 0, err);
}

static int lock_migrations(struct tx *tx, struct error *err)
{
        return script(tx, "SELECT pg_advisory_xact_lock(5308401)", err);
}

/* Copy. */

static int copy_begin(struct tx *tx, const char *sql, struct error *err)
{
        struct connection *c = connection_of(tx);
        int rc = pg_alone(c, err);
        if (rc != 0) {
                return rc;
        }
        PGresult *r = PQexec(c->pg, sql);
        if (PQresultStatus(r) != PGRES_COPY_IN) {
                rc = pg_raise_result(c, r, sql, err);
        }
        PQclear(r);
        return rc;
}

static int copy_data(struct tx *tx, struct str bytes, struct error *err)
{
        struct connection *c = connection_of(tx);
        return PQputCopyData(c->pg, bytes.p, (int)bytes.n) == 1 ? 0 : pg_raise_lost(c->pg, err);
}

static int copy_end(struct tx *tx, bool ok, struct error *err)
{
        struct connection *c = connection_of(tx);
        int rc = 0;
        if (PQputCopyEnd(c->pg, ok ? NULL : "given up") != 1 && ok) {
                rc = pg_raise_lost(c->pg, err);
        }
        for (PGresult *r = PQgetResult(c->pg); r; r = PQgetResult(c->pg)) {
                if (ok && rc == 0 && PQresultStatus(r) != PGRES_COMMAND_OK) {
                        rc = pg_raise_result(c, r, "COPY", err);
                }
                PQclear(r);
                if (PQstatus(c->pg) != CONNECTION_OK) {
                        break;
                }
        }
        return rc;
}

/* Connections. */

static void disconnect(struct connection *c)
{
        pg_statements_free(c);
        PQfinish(c->pg);
        c->pg = NULL;
        c->sent_count = 0;
        c->stream = 0;
}

/* What the server remarks is let pass, but that there was no transaction to end: COMMIT is answered all the same. */
static void notice(void *arg, const PGresult *r)
{
        struct connection *c = arg;
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        if (state && strcmp(state, "25P01") == 0) {
                c->ended = true;
        }
}

static int connect_pg(struct backend *b, struct connection *c, struct error *err)
{
        /* A server that went away without a word is noticed within a minute; what the URL says of it comes later and holds. */
        const char *const names[] = {"connect_timeout",
                                     "application_name",
                                     "keepalives_idle",
                                     "keepalives_interval",
                                     "keepalives_count",
                                     "tcp_user_timeout",
                                     "dbname",
                                     "client_encoding",
                                     NULL};
        const char *const values[] = {"10", "shebao", "30", "10", "3", "60000", b->url, "UTF8", NULL};
        char sql[480];
        if (PQstatus(c->pg) == CONNECTION_OK) {
                return 0;
        }
        disconnect(c);
        c->pg = PQconnectdbParams(names, values, 1);
        if (PQstatus(c->pg) != CONNECTION_OK) {
                int rc = pg_raise_lost(c->pg, err);
                disconnect(c);
                return rc;
        }
        PQsetNoticeReceiver(c->pg, notice, c);
        /* Only the own schema: nobody's function of another takes the place of one of PostgreSQL's, whatever the role's settings say. */
        text_format(
            sql, sizeof sql,
            "SET timezone = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings "
            "= on; SELECT set_config('search_path', quote_ident(current_schema()), false); SET lock_timeout = %d; SET "
            "synchronous_commit = %s; SET plan_cache_mode = %s",
            b->options.busy_ms, b->options.fast_load ? "off" : "on",
            c->purpose == TO_READ ? "auto" : "force_generic_plan"); /* writing asks by key: one plan fits all */
        int rc = pg_command(c, sql, NULL, 0, err);
        if (rc == 0) {
                rc = pg_commands_prepare(c, err);
        }
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

static void cut(struct backend *b)
{
        pthread_mutex_lock(&b->lock);
        for (int i = 0; i < b->count; i++) {
                if (!b->connections[i].busy && b->connections[i].pg) {
                        (void)shutdown(PQsocket(b->connections[i].pg), SHUT_RDWR);
                }
        }
        pthread_mutex_unlock(&b->lock);
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
        pg_statements_close(c);
        if (PQstatus(c->pg) == CONNECTION_OK) {
                (void)pg_alone(c, &ignored); /* what was still on its way, failed or not */
        }
        if (PQstatus(c->pg) != CONNECTION_OK || pg_command(c, "ROLLBACK", NULL, 0, &ignored) != 0) {
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
                if (connect_pg(b, c, &ignored) == 0 && pg_command(c, sql, status, sizeof status, &ignored) == 0) {
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

/* The transaction's number is known before: who loses the connection from here on has to ask. */
static int commit(struct backend *b, struct connection *c, struct error *err)
{
        char xid[sizeof c->xid];
        struct error why = {0};
        int rc = c->xid[0] == '\0' ? pg_settle(c, err) : 0;
        c->committed = c->ended = false;
        rc = rc ? rc : pg_command_send(c, PG_COMMIT, err);
        if (rc != 0) {
                return rc;
        }
        text_copy(xid, sizeof xid, str_from(c->xid));
        rc = pg_settle(c, &why);
        if (rc == 0 && (!c->committed || c->ended)) {
                rc = error_raise(err, SB_INTERNAL, "%s", "a closure ended its transaction");
        } else if (rc != 0 && PQstatus(c->pg) != CONNECTION_OK) {
                rc = resolve(b, c, xid, err);
        } else if (rc != 0) {
                *err = why;
        }
        return rc;
}

static int engine_write(struct backend *b, int flags, store_apply *apply, void *ctx, struct error *err)
{
        struct connection *c = NULL;
        const char *begin = flags & WRITE_SERIALIZABLE ? PG_BEGIN_SERIALIZABLE : PG_BEGIN;
        int rc = take(b, flags & WRITE_SIDE ? TO_RESERVE : TO_WRITE, &c, err);
        if (rc != 0) {
                return rc;
        }
        tx_begin(&c->tx, b->store, &postgresql_engine);
        rc = connect_pg(b, c, err);
        if (rc == 0) {
                c->xid[0] = '\0';
                rc = pg_command_send(c, begin, err);
        }
        if (rc == 0) {
                rc = pg_command_send(c, PG_XID, err);
        }
        if (rc == 0) {
                c->numbered = 0;
                rc = tx_verdict(&c->tx, apply(&c->tx, ctx, err), err);
                rc = rc ? rc : pg_guard_flush(c, err);
                pg_statements_close(c);
        }
        if (rc == 0) {
                rc = commit(b, c, err);
        }
        if (rc != 0) {
                rollback(c);
        } else {
                c->number += c->numbered;
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
                rc = pg_command_send(c, PG_BEGIN_READING, err);
        }
        if (rc == 0) {
                rc = tx_verdict(&c->tx, apply(&c->tx, ctx, err), err);
                pg_statements_close(c);
        }
        if (rc == 0) {
                rc = pg_command_send(c, PG_ROLLBACK, err);
        }
        if (rc == 0) {
                rc = pg_settle(c, err); /* what was only sent may have failed */
        }
        if (rc != 0) {
                rollback(c);
        }
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
                free(b->connections[i].heard);
        }
        pthread_mutex_destroy(&b->lock);
        pthread_cond_destroy(&b->returned);
        free(b->guard);
        free(b->before);
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
    .prepare = pg_prepare,
    .bind_int = pg_bind_int,
    .bind_real = pg_bind_real,
    .bind_bytes = pg_bind_bytes,
    .bind_null = pg_bind_null,
    .step = pg_step,
    .send = pg_send,
    .ask = pg_ask,
    .reset = pg_reset,
    .column_int = pg_column_int,
    .column_real = pg_column_real,
    .column_bytes = pg_column_bytes,
    .column_null = pg_column_null,
    .script = script,
    .lock_migrations = lock_migrations,
    .cut = cut,
    .guard = pg_guard,
    .guard_settle = pg_guard_settle,
    .guard_check = pg_guard_check,
    .guard_accept = pg_guard_accept,
    .guard_migration = pg_guard_migration,
    .copy_begin = copy_begin,
    .copy_data = copy_data,
    .copy_end = copy_end,
};
