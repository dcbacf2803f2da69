/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

int models_new(struct pack *p, struct error *err)
{
        (void)p;
        (void)err;
        return 0;
}

void models_free(struct pack *p)
{
        (void)p;
}

int models_check(struct pack *p, struct faults *f, struct error *err)
{
        (void)p;
        (void)f;
        (void)err;
        return 0;
}

int pack_decide(struct pack *p, const char *model, const char *decision, day_t day,
                const json_t *inputs, json_t **result, json_t **derivation, struct error *err)
{
        (void)decision;
        (void)day;
        (void)inputs;
        (void)result;
        (void)derivation;
        return error_raise(err, SB_PACK_MODEL, "%s|%.100s", p->name, model);
}
