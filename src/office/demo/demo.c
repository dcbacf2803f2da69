/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include "office/setup/setup.h"

#include <stdlib.h>

/* Workers of an employer, on the average. */
#define WORKERS_EACH 24
#define EMPLOYERS_MIN 8
#define NUMBERS_BYTES ((size_t)2 * 40000 * 1000 / 8 + 1)

static int pool_find(struct tx *tx, void *ctx, struct error *err)
{
        struct city *c = ctx;

        return pool_by_scheme(tx, "EP", pack_territory(c->law.pack), c->law.today, &c->pool, err);
}

int demo_make(struct house *h, const struct run_kind *const *runs, struct pack *pack, const struct demo_options *o,
              struct error *err)
{
        struct city *c = calloc(1, sizeof *c);
        int rc = c == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0 && !pack_is_demonstration(pack))
                rc = error_raise(err, SB_DEMO_PACK, "%s", pack_name(pack));
        if (rc == 0) {
                c->house = h;
                c->kinds = runs;
                c->o = o;
                c->taken_over = month_of(o->today) - 2;
                c->employers = o->persons / WORKERS_EACH < EMPLOYERS_MIN ? EMPLOYERS_MIN : o->persons / WORKERS_EACH;
                c->numbers = calloc(1, NUMBERS_BYTES);
                if (c->numbers == NULL)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        if (rc == 0)
                rc = law_read(&c->law, pack, o->today, err);
        if (rc == 0)
                rc = store_read(h->store, pool_find, c, err);
        if (rc == 0)
                rc = staff_hire(c, err);
        if (rc == 0)
                rc = takeover(c, err);
        if (rc == 0 && !o->takeover_only)
                rc = hall_history(c, err);
        if (rc == 0 && !o->takeover_only)
                rc = office_work(c, err);
        if (c != NULL)
                free(c->numbers);
        free(c);
        return rc;
}
