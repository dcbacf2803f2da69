/* SPDX-License-Identifier: Apache-2.0
 *
 * A pack as it is stored and sent: the manifest, tables, parameters, models and letters of an archive. What opens is checked too, and is
 * the same archive again.
 */
#include "pack/pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *ctx, int severity, const struct error *fault)
{
        (void)ctx;
        (void)severity;
        if (fault->code == SB_OK)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str archive = {(const char *)data, size};
        struct error err = {0}, fault = {0};
        struct pack *p = NULL;
        struct buf again;
        int errors = 0;

        if ((pack_open_archive(&p, archive, NULL, &err) == 0) != (err.code == SB_OK))
                abort();
        pack_check_archive(archive, NULL, ignore, NULL, &errors, &fault);
        if (p != NULL) {
                buf_init(&again, (size_t)64 << 20);
                error_clear(&fault);
                if (pack_archive(p, &again, &fault) != 0 || !str_equal(archive, (struct str){buf_text(&again), again.n}))
                        abort();
                buf_dispose(&again);
        }
        pack_free(p);
        return 0;
}
