/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pack says of who signs what (签批权限): read here, decided in case/authority.c.
 */
#include "office/staff/own.h"

#include "case/application.h"
#include "case/pack_store.h"
#include "pack/pack.h"

struct law {
        struct call *call;
        int64_t pool;
};

static int pool_read(struct tx *tx, void *ctx, struct error *err)
{
        struct law *l = ctx;

        return application_pool(tx, &l->pool, err);
}

/* A pack may leave a table out: an empty list then. */
static int table_put(const struct pack *p, const char *file, json_t *into, const char *name, struct error *err)
{
        json_t *rows;
        int rc = pack_table_maybe(p, file, &rows, err);

        if (rc == 0)
                put_value(into, name, rows);
        return rc;
}

int staff_powers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct law l = {.call = c};
        struct pack *pack = NULL;
        json_t *o = json_object();
        int rc = store_read(c->house->store, pool_read, &l, err);

        (void)in;
        rc = rc ? rc
                : pack_store_for(c->house->packs, l.pool, clock_today(c->house->clock), clock_now(c->house->clock), &pack, err);
        rc = rc ? rc : table_put(pack, "signing.csv", o, "signing", err);
        rc = rc ? rc : table_put(pack, "routing.csv", o, "routing", err);
        rc = rc ? rc : table_put(pack, "risk.csv", o, "risk", err);
        if (rc < 0) {
                json_decref(o);
                return rc;
        }
        *out = o;
        return 0;
}
