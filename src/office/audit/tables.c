/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes by other means than the programs of the house: each table against its keyed sum (store_guard).
 */
#include "office/audit/tables.h"
#include "office/audit/internal.h"

#include <string.h>

const char *const audit_left_out[] = {
#define LEFT_OUT(table, why) #table,
#include "office/audit/left_out.def"
#undef LEFT_OUT
    NULL,
};

struct store_guard audit_guard(const struct keyring *keys)
{
        static const char text[] = "shebao: the key of the sums of the tables";
        struct store_guard g = {.left_out = audit_left_out};
        unsigned char signature[64];
        keyring_sign(keys, STR(text), signature); /* the same each time, and told to nobody */
        struct hash h = hash_of(signature, sizeof signature);
        memcpy(g.key, h.b, sizeof g.key);
        return g;
}

static void tell(void *ctx, const char *table, const char *what, int64_t expected, int64_t found)
{
        char x[32] = "", y[32] = "";
        bool sums = strcmp(table, "table_digest") == 0;
        if (!sums) {
                text_format(x, sizeof x, "%lld", (long long)expected);
                text_format(y, sizeof y, "%lld", (long long)found);
        }
        struct audit_finding f = {.code = SB_AUDIT_TABLE,
                                  .table = table,
                                  .key = sums ? str_from(what) : STR("*"),
                                  .field = sums ? STR("") : str_from(what),
                                  .expected = str_from(x),
                                  .found = str_from(y)};
        audit_found(ctx, &f);
}

/* An anchor says how far the sums had come: they never go back. */
static int not_set_back(struct audit *a, bool kept, struct error *err)
{
        struct stmt *q = NULL;
        int64_t version = 0;
        int rc = tx_one(&q, a->tx, err, "SELECT version FROM table_digest WHERE name = ''", "");
        version = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc >= 0) {
                rc = tx_query(&q, a->tx, err, "SELECT sequence, body FROM anchor ORDER BY sequence DESC", "");
        }
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *body = NULL;
                int64_t then = 0;
                bool read =
                    json_read(&body, stmt_text(q, 1), NULL) == 0 && json_get_int(body, "version", false, &then, NULL) == 0;
                json_decref(body);
                if (read && then > 0) {
                        if (then > version || !kept) {
                                audit_tell(a, SB_AUDIT_ANCHOR, "table_digest", 0, stmt_int(q, 0), "version", "", "");
                        }
                        return 0;
                }
        }
        return rc;
}

int audit_tables(struct audit *a, struct error *err)
{
        bool kept = false;
        if (!a->options->keys) {
                return 0;
        }
        struct store_guard g = audit_guard(a->options->keys);
        audit_check_begin(a);
        int rc = store_guard_check(a->tx, &g, NULL, tell, a, &kept, err);
        return rc == 0 ? not_set_back(a, kept, err) : rc;
}
