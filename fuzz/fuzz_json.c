/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The canonical form can be read, and its canonical form is itself. */
static void check_canonical(const json_t *v)
{
        struct error err = {0};
        struct buf first, second;
        json_t *again = NULL;
        buf_init(&first, (size_t)64 << 20);
        buf_init(&second, (size_t)64 << 20);
        if (json_canonical(&first, v, &err) != 0)
                abort();
        if (first.n <= JSON_MAX_BYTES) {
                if (json_read(&again, (struct str){first.p, first.n}, &err) != 0 || json_canonical(&second, again, &err) != 0)
                        abort();
                if (!str_equal((struct str){first.p, first.n}, (struct str){second.p, second.n}))
                        abort();
        }
        json_decref(again);
        buf_dispose(&first);
        buf_dispose(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error err = {0};
        json_t *v = NULL;
        int rc = json_read(&v, (struct str){(const char *)data, size}, &err);
        if ((rc == 0) != (v != NULL) || (rc == 0) != (err.code == SB_OK))
                abort();
        if (rc == 0) {
                check_canonical(v);
                const json_t *schema = json_object_get(v, "schema"), *value = json_object_get(v, "value");
                if (json_is_object(schema) && value != NULL)
                        json_check(schema, value, &err);
        }
        json_decref(v);
        return 0;
}
