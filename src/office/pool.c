/* SPDX-License-Identifier: Apache-2.0 */
#include "office/office.h"

#include <string.h>

#define POOL_COLUMNS "SELECT id, home, code, scheme, territory, name_zh, name_en FROM pool "

static void pool_fill(struct stmt *q, struct pool *out)
{
        memset(out, 0, sizeof *out);
        out->id = stmt_int(q, 0);
        out->home = (int32_t)stmt_int(q, 1);
        text_copy(out->code, sizeof out->code, stmt_text(q, 2));
        text_copy(out->scheme, sizeof out->scheme, stmt_text(q, 3));
        text_copy(out->territory, sizeof out->territory, stmt_text(q, 4));
        text_copy(out->name_zh, sizeof out->name_zh, stmt_text(q, 5));
        text_copy(out->name_en, sizeof out->name_en, stmt_text(q, 6));
}

int pool_read(struct tx *tx, int64_t id, struct pool *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, POOL_COLUMNS "WHERE id = ?1@int", "i", id);

        if (rc == 0)
                return error_raise(err, SB_OFFICE_POOL, "%lld|", (long long)id);
        if (rc == 1)
                pool_fill(q, out);
        return rc < 0 ? rc : 0;
}

int pool_lock(struct tx *tx, int64_t id, struct error *err)
{
        return tx_exec(tx, err, "UPDATE pool SET home = home WHERE id = ?1@int", "i", id);
}

/* An employer without a territory belongs to the only pool of the scheme; several are no answer. */
static int pool_of_home(struct tx *tx, const char *scheme, day_t day, struct pool *out, struct error *err)
{
        struct stmt *q;
        char at[16];
        int rc =
            tx_query(&q, tx, err, POOL_COLUMNS "WHERE scheme = ?1@text AND valid_from <= ?2@int AND valid_to > ?2@int LIMIT 2",
                     "ti", scheme, (int64_t)day);

        if (rc == 0)
                rc = stmt_step(q, err);
        if (rc == 1) {
                pool_fill(q, out);
                rc = stmt_step(q, err);
                if (rc == 0)
                        return 0;
        }
        return rc < 0 ? rc : error_raise(err, SB_OFFICE_POOL, "%s|%s", scheme, day_text(day, at));
}

/* The pool of the scheme whose territory is the longest prefix of the place by GB/T 2260 levels (county, city, province):
 * a scheme that is pooled by the province is found for each of its counties. */
int pool_by_scheme(struct tx *tx, const char *scheme, const char *territory, day_t day, struct pool *out, struct error *err)
{
        struct stmt *q;
        char code[16], at[16];
        static const size_t levels[] = {6, 4, 2};

        if (territory[0] == '\0')
                return pool_of_home(tx, scheme, day, out, err);
        text_copy(code, sizeof code, str_from(territory));
        for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
                for (size_t k = levels[i]; k < 6 && k < strlen(code); k++)
                        code[k] = '0';
                int rc = tx_one(&q, tx, err,
                                POOL_COLUMNS "WHERE scheme = ?1@text AND territory = ?2@text AND valid_from <= ?3@int AND "
                                             "valid_to > ?3@int ORDER BY id LIMIT 1",
                                "tti", scheme, code, (int64_t)day);
                if (rc < 0)
                        return rc;
                if (rc == 1) {
                        pool_fill(q, out);
                        return 0;
                }
        }
        return error_raise(err, SB_OFFICE_POOL, "%s %s|%s", scheme, territory, day_text(day, at));
}

/* --- office scope --------------------------------------------------------------------------------------------------------- */

/* The digits of a GB/T 2260 code that say something: 990000 → 99, 990100 → 9901; codes below the county are whole. */
static size_t territory_digits(const char *code)
{
        size_t n = strlen(code);

        while (n <= 6 && n >= 2 && code[n - 1] == '0' && code[n - 2] == '0')
                n -= 2;
        return n;
}

static bool territory_covers(const char *outer, const char *inner)
{
        return strncmp(outer, inner, territory_digits(outer)) == 0;
}

/* Territories of a pool and of an office; false when one of them is not there. */
static int territories_read(struct tx *tx, int64_t pool, int64_t office, char of_pool[16], char of_office[16], bool *found,
                            struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err, "SELECT p.territory, o.territory FROM pool p, office o WHERE p.id = ?1@int AND o.id = ?2@int",
                   "ii", pool, office);

        *found = rc == 1;
        if (rc == 1) {
                text_copy(of_pool, 16, stmt_text(q, 0));
                text_copy(of_office, 16, stmt_text(q, 1));
        }
        return rc < 0 ? rc : 0;
}

int pool_within(struct tx *tx, int64_t pool, int64_t office, bool *within, struct error *err)
{
        char of_pool[16], of_office[16];
        bool found;
        int rc = territories_read(tx, pool, office, of_pool, of_office, &found, err);

        *within = rc == 0 && found && territory_covers(of_office, of_pool);
        return rc;
}

int pool_serves(struct tx *tx, int64_t pool, int64_t office, bool *within, struct error *err)
{
        char of_pool[16], of_office[16];
        bool found;
        int rc = territories_read(tx, pool, office, of_pool, of_office, &found, err);

        *within = rc == 0 && found && (territory_covers(of_office, of_pool) || territory_covers(of_pool, of_office));
        return rc;
}

static int pool_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        return pool_within(tx, json_integer_value(value), c->who.office, within, err);
}

const struct scope_rule pool_scopes[] = {{"pool", "The pool", "该统筹区", pool_scope, NULL}, {0}};
