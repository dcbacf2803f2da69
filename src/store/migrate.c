/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbered migrations, embedded in the program. Each is applied once, in a transaction together
 * with the row that says so; its checksum is compared ever after, because a history that was
 * rewritten cannot be trusted to have made the tables that the program expects.
 */
#include "store/internal.h"

#include "base/hash.h"

#include <assert.h>
#include <string.h>

struct step {
        const struct migration *migration;
        instant_t at;
        bool applied;
};

static int create_list(struct tx *tx, struct error *err)
{
        return tx_exec(tx, err,
                       "CREATE TABLE IF NOT EXISTS migration (number @int NOT NULL, name @text NOT NULL, "
                       "checksum @text NOT NULL, applied_at @int NOT NULL, PRIMARY KEY (number)) @table",
                       "");
}

static int run_script(struct tx *tx, const char *sql, struct error *err)
{
        struct buf one, rewritten;
        int rc = 0;
        buf_init(&one, 1 << 20);
        buf_init(&rewritten, 1 << 20);
        while (rc == 0 && *sql != '\0') {
                const char *end = dialect_statement_end(sql);
                int parameters = 0;
                char types[STORE_PARAMETERS_MAX];
                buf_clear(&one);
                buf_clear(&rewritten);
                buf_add(&one, sql, (size_t)(end - sql));
                rc = dialect_rewrite(&rewritten, buf_text(&one), tx->engine->postgresql, &parameters, types, err);
                assert(parameters == 0);
                rc = rc ? rc : tx->engine->script(tx, buf_text(&rewritten), err);
                sql = *end == ';' ? end + 1 : end;
        }
        buf_dispose(&one);
        buf_dispose(&rewritten);
        return rc;
}

static const char *sum_text(const struct migration *m, char hex[65])
{
        struct hash sum = hash_of(m->sql, strlen(m->sql));
        return hash_hex(&sum, hex);
}

/* Is the migration applied, and is it the one that this program knows? */
static int applied(struct tx *tx, void *ctx, struct error *err)
{
        struct step *s = ctx;
        const struct migration *m = s->migration;
        struct stmt *q = NULL;
        char hex[65];
        int rc = tx_one(&q, tx, err, "SELECT checksum FROM migration WHERE number = ?1@int", "i", (int64_t)m->number);
        s->applied = rc == 1;
        if (rc == 1) {
                rc = str_is(stmt_text(q, 0), sum_text(m, hex)) ? 0 : error_raise(err, SB_STORE_MIGRATION, "%s", m->name);
        }
        return rc;
}

static int apply(struct tx *tx, void *ctx, struct error *err)
{
        struct step *s = ctx;
        const struct migration *m = s->migration;
        char hex[65];
        int rc = tx->engine->lock_migrations(tx, err);
        rc = rc ? rc : create_list(tx, err);
        rc = rc ? rc : applied(tx, s, err);
        if (rc != 0 || s->applied) {
                return rc;
        }
        rc = tx->engine->guard_migration(tx, false, err);
        rc = rc ? rc : run_script(tx, m->sql, err);
        rc = rc ? rc : tx->engine->guard_migration(tx, true, err);
        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO migration (number, name, checksum, applied_at) "
                            "VALUES (?1@int, ?2@text, ?3@text, ?4@int)",
                            "itti", (int64_t)m->number, m->name, sum_text(m, hex), (int64_t)s->at);
}

static int newest(struct tx *tx, void *ctx, struct error *err)
{
        int *number = ctx;
        struct stmt *q = NULL;
        const char *exists = tx->engine->postgresql
                                 ? "SELECT COUNT(*) FROM information_schema.tables "
                                   "WHERE table_schema = current_schema() AND table_name = 'migration'"
                                 : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'";
        *number = 0;
        int rc = tx_one(&q, tx, err, exists, "");
        if (rc == 1 && stmt_int(q, 0) > 0) {
                rc = tx_one(&q, tx, err, "SELECT COALESCE(MAX(number), 0) FROM migration", "");
                if (rc == 1) {
                        *number = (int)stmt_int(q, 0);
                }
        }
        return rc < 0 ? rc : 0;
}

int store_migrated(struct store *s, int *number, struct error *err)
{
        return store_read(s, newest, number, err);
}

int store_known(void)
{
        return store_migrations[store_migrations_count - 1].number;
}

int store_migrate(struct store *s, struct clock *clock, struct error *err)
{
        int have = 0, previous = 0;
        int rc = store_migrated(s, &have, err);
        int known = store_known();
        if (rc == 0 && have > known) {
                rc = error_raise(err, SB_STORE_NEWER, "%d|%d", have, known);
        }
        for (size_t i = 0; rc == 0 && i < store_migrations_count; i++) {
                struct step step = {.migration = &store_migrations[i], .at = clock_now(clock)};
                assert(step.migration->number > previous);
                previous = step.migration->number;
                if (step.migration->number <= have) {
                        rc = store_read(s, applied, &step, err);
                }
                if (rc == 0 && !step.applied) {
                        rc = store_write(s, apply, &step, err);
                }
        }
        return rc;
}
