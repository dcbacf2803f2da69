/* SPDX-License-Identifier: Apache-2.0
 *
 * Leases of work. On SQLite writers are alone anyway; on PostgreSQL rows that another worker is
 * just taking are skipped, so that workers do not wait for each other.
 */
#include "store/internal.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

static int compare_keys(const void *a, const void *b)
{
        const struct store_key *x = a, *y = b;
        if (x->home != y->home) {
                return x->home < y->home ? -1 : 1;
        }
        return (x->id > y->id) - (x->id < y->id);
}

static void assert_word(const char *word)
{
        for (const char *p = word; *p != '\0'; p++) {
                assert(islower((unsigned char)*p) || *p == '_');
        }
}

/* The state stands in the text, so that an index of what is in that state alone serves it. */
static const char *claim_sql(struct tx *tx, const char *table, const char *state, struct error *err)
{
        struct buf sql;
        const char *kept = NULL;
        assert_word(table);
        assert_word(state);
        buf_init(&sql, 1 << 12);
        buf_add_format(&sql,
                       "UPDATE %s SET lease_owner = ?1@text, lease_until = ?2@int WHERE (home, id) IN "
                       "(SELECT home, id FROM %s WHERE state = '%s' AND lease_until <= ?3@int "
                       "ORDER BY home, id LIMIT ?4@int%s) RETURNING home, id",
                       table, table, state, tx->engine->postgresql ? " FOR UPDATE SKIP LOCKED" : "");
        if (buf_check(&sql, err) == 0) {
                kept = store_intern(tx->store, buf_text(&sql), err);
        }
        buf_dispose(&sql);
        return kept;
}

int store_claim(struct tx *tx, struct store_key *out, int limit, const char *table, const char *state, const char *owner,
                instant_t now, instant_t until, struct error *err)
{
        struct stmt *q = NULL;
        int count = 0;
        assert(limit > 0 && until > now);
        const char *sql = claim_sql(tx, table, state, err);
        if (!sql) {
                return ERR;
        }
        int rc = tx_query(&q, tx, err, sql, "tiii", owner, (int64_t)until, (int64_t)now, (int64_t)limit);
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(count < limit);
                out[count].home = (int32_t)stmt_int(q, 0);
                out[count].id = stmt_int(q, 1);
                count++;
        }
        if (rc < 0) {
                return rc;
        }
        qsort(out, (size_t)count, sizeof *out, compare_keys); /* RETURNING promises no order */
        return count;
}
