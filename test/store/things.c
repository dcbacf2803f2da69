/* SPDX-License-Identifier: Apache-2.0 */
#include "things.h"
#include "testing.h"

int things_make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err,
                       "CREATE TABLE thing (id @int NOT NULL, name @text, bytes @blob, share @real, PRIMARY KEY (id)) @table",
                       "");
}

int things_count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing", "");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

int64_t things(struct store *s)
{
        struct error err = {0};
        int64_t n = -1;

        assert_ok(store_read(s, things_count, &n, &err), err);
        return n;
}
