/* SPDX-License-Identifier: Apache-2.0
 *
 * Files by a layout, and layouts themselves: JSON of the three tables, a NUL, the file. What can be read and written again is read equal.
 */
#include "engine/layout/layout.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void told(void *ctx, const char *table, size_t line, const struct error *fault)
{
        (void)ctx;
        (void)line;
        if (fault->code == SB_OK || table[0] == '\0')
                abort();
}

static void file_fault(void *ctx, const struct error *fault)
{
        (void)ctx;
        if (fault->code == SB_OK)
                abort();
}

static void try_file(const struct layout *l, struct str bytes)
{
        struct error err = {0}, none = {0};
        json_t *values = NULL, *again = NULL;
        struct buf out;

        if ((layout_read(l, bytes, &values, file_fault, NULL, &err) == 0) != (err.code == SB_OK))
                abort();
        if (values == NULL)
                return;
        buf_init(&out, (size_t)4 << 20);
        if (layout_write(l, values, &out, &none) == 0) {
                if (layout_read(l, (struct str){buf_text(&out), out.n}, &again, NULL, NULL, &err) != 0 ||
                    !json_equal(values, again))
                        abort();
        }
        json_decref(again);
        json_decref(values);
        buf_dispose(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        struct error err = {0};
        struct layout *l = NULL;
        json_t *tables = NULL;

        if (json_read(&tables, (struct str){(const char *)data, n}, &err) != 0)
                return 0;
        if ((layout_new(&l, "x", json_object_get(tables, "layouts"), json_object_get(tables, "fields"),
                        json_object_get(tables, "codes"), told, NULL, &err) == 0) != (err.code == SB_OK))
                abort();
        if (l != NULL && end != NULL)
                try_file(l, (struct str){(const char *)end + 1, size - n - 1});
        layout_free(l);
        json_decref(tables);
        return 0;
}
