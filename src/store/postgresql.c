/* SPDX-License-Identifier: Apache-2.0 */
#include "store/internal.h"
static int engine_open(struct backend **out, struct store *s, const char *url, const struct store_options *o,
                       struct error *err)
{
        (void)out; (void)s; (void)o;
        return error_raise(err, SB_STORE_URL, "%.40s", url);
}
const struct engine postgresql_engine = {.postgresql = true, .open = engine_open};
