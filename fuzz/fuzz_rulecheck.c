/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every finding has a code, a place and a text that is valid. */
static void finding(void *ctx, int severity, const struct error *e)
{
        char text[2048];

        (void)ctx;
        error_text(e, LANG_ZH, text, sizeof text);
        if (severity < CHECK_NOTE || severity > CHECK_ERROR || e->code == SB_OK || e->where[0] == '\0' ||
            utf8_check(str_from(text), NULL) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error err = {0};
        int rc = dmn_check((struct str){(const char *)data, size}, NULL, finding, NULL, &err);

        if ((rc == 0) != (err.code == SB_OK))
                abort();
        return 0;
}
