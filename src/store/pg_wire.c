/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes to the server and what comes back. A statement whose result nobody looks at (tx_exec, BEGIN), or not yet (tx_ask), is only
 * sent; it travels with the next one that is read, at the latest with COMMIT, so that a transaction costs few round trips. What a failure
 * means is decided here: soft (repeat) or hard.
 */
#include "store/pg.h"

#include <string.h>

int pg_raise_lost(PGconn *pg, struct error *err)
{
        char text[200];
        text_copy(text, sizeof text, str_trim(str_from(PQerrorMessage(pg))));
        return error_raise_soft(err, SB_STORE_CONNECTION, "%s", text);
}

static int raise_state(const PGresult *r, const char *sql, struct error *err)
{
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
        const char *name = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
        const char *column = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);
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

int pg_raise_result(struct connection *c, const PGresult *r, const char *sql, struct error *err)
{
        if (PQresultErrorField(r, PG_DIAG_SQLSTATE)) {
                return raise_state(r, sql, err);
        }
        if (PQstatus(c->pg) != CONNECTION_OK) {
                return pg_raise_lost(c->pg, err);
        }
        return error_raise(err, SB_STORE_SQL, "%s|%.200s", PQerrorMessage(c->pg), sql);
}

/* Statements on their way. */

const char PG_BEGIN[] = "BEGIN ISOLATION LEVEL READ COMMITTED";
const char PG_BEGIN_SERIALIZABLE[] = "BEGIN ISOLATION LEVEL SERIALIZABLE";
const char PG_BEGIN_READING[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const char PG_XID[] = "SELECT pg_current_xact_id()::text";
const char PG_COMMIT[] = "COMMIT";
const char PG_ROLLBACK[] = "ROLLBACK";
static const char *const COMMANDS[] = {PG_BEGIN, PG_BEGIN_SERIALIZABLE, PG_BEGIN_READING, PG_XID, PG_COMMIT, PG_ROLLBACK};

/* The result of one sent statement; the connection says NULL behind it. */
static PGresult *result_take(struct connection *c)
{
        PGresult *r = PQgetResult(c->pg);
        PQclear(PQgetResult(c->pg));
        return r;
}

static void answer_take(struct connection *c, const struct pg_sending *s, PGresult *r)
{
        if (s->sql == PG_XID) {
                text_copy(c->xid, sizeof c->xid, str_from(PQgetvalue(r, 0, 0)));
        } else if (s->sql == PG_COMMIT) {
                c->committed = strcmp(PQcmdStatus(r), "COMMIT") == 0; /* of a failed transaction it says ROLLBACK */
        }
        if (s->asked) {
                pg_answered(s->asked, r);
        } else {
                PQclear(r);
        }
}

/* Those behind the first failure were not done. */
int pg_settle(struct connection *c, struct error *err)
{
        int rc = 0;
        bool synced = c->sent_count == 0;

        if (!synced && PQpipelineSync(c->pg) != 1) {
                rc = pg_raise_lost(c->pg, err);
                synced = true; /* nothing will come */
        }
        for (int i = 0; rc != ERR_SOFT && i < c->sent_count; i++) {
                PGresult *r = result_take(c);
                ExecStatusType status = PQresultStatus(r);
                if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
                        rc = rc == 0 ? pg_raise_result(c, r, c->sent[i].sql, err) : rc;
                        PQclear(r);
                } else {
                        answer_take(c, &c->sent[i], r);
                }
        }
        c->sent_count = 0;
        while (!synced && PQstatus(c->pg) == CONNECTION_OK) {
                PGresult *r = PQgetResult(c->pg);
                synced = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
                PQclear(r);
        }
        return rc;
}

int pg_alone(struct connection *c, struct error *err)
{
        int rc = pg_settle(c, err);
        if (PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF) {
                (void)PQexitPipelineMode(c->pg);
        }
        return rc;
}

int pg_together(struct connection *c, struct error *err)
{
        int rc = c->sent_count < SENT_MAX ? 0 : pg_settle(c, err);
        if (rc == 0 && PQenterPipelineMode(c->pg) != 1) { /* nothing when it is in it */
                rc = pg_raise_lost(c->pg, err);
        }
        return rc;
}

void pg_sent(struct connection *c, const char *sql, struct pg_stmt *asked)
{
        c->sent[c->sent_count++] = (struct pg_sending){sql, asked};
}

int pg_command_send(struct connection *c, const char *sql, struct error *err)
{
        int rc = pg_together(c, err);
        if (rc != 0) {
                return rc;
        }
        if (PQsendQueryPrepared(c->pg, sql, 0, NULL, NULL, NULL, 0) != 1) {
                return pg_raise_lost(c->pg, err);
        }
        pg_sent(c, sql, NULL);
        return 0;
}

int pg_commands_prepare(struct connection *c, struct error *err)
{
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
                PGresult *r = PQprepare(c->pg, COMMANDS[i], COMMANDS[i], 0, NULL);
                if (PQresultStatus(r) != PGRES_COMMAND_OK) {
                        rc = pg_raise_result(c, r, COMMANDS[i], err);
                }
                PQclear(r);
        }
        return rc;
}

int pg_command(struct connection *c, const char *sql, char *value, size_t size, struct error *err)
{
        int rc = pg_alone(c, err);
        if (rc != 0) {
                return rc;
        }
        PGresult *r = PQexec(c->pg, sql);
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
                rc = pg_raise_result(c, r, sql, err);
        } else if (value) {
                text_copy(value, size, str_from(PQgetvalue(r, 0, 0)));
        }
        PQclear(r);
        return rc;
}
