/* SPDX-License-Identifier: Apache-2.0
 *
 * The return file of a bank by a layout: JSON of the three tables, a NUL, the file. What is read is what was ordered, or an error.
 */
#include "engine/layout/layout.h"
#include "office/payment/bank_return.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct bank_return *r)
{
        fen_t total = 0, returned = 0;
        size_t back = 0;

        for (size_t i = 0; i < r->count; i++) {
                const struct bank_return_line *l = &r->lines[i];
                if (l->award <= 0 || l->amount <= 0 || l->line == 0 || (i > 0 && l->award <= r->lines[i - 1].award))
                        abort();
                total += l->amount;
                if (*l->code == '\0')
                        continue;
                if (!bank_return_code(str_from(l->code)))
                        abort();
                back++;
                returned += l->amount;
        }
        if (r->count == 0 || total != r->total || returned != r->returned_total || back != r->returned)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        struct arena *a = arena_new((size_t)8 << 20);
        struct error err = {0}, none = {0};
        struct layout *l = NULL;
        struct bank_return r;
        json_t *tables = NULL;

        if (json_read(&tables, (struct str){(const char *)data, n}, &none) == 0 && end != NULL &&
            layout_new(&l, "x", json_object_get(tables, "layouts"), json_object_get(tables, "fields"),
                       json_object_get(tables, "codes"), NULL, NULL, &none) == 0) {
                int rc = bank_return_read(&r, a, l, (struct str){(const char *)end + 1, size - n - 1}, 12, &err);
                if ((rc == 0) != (err.code == SB_OK))
                        abort();
                if (rc == 0)
                        judge(&r);
        }
        layout_free(l);
        json_decref(tables);
        arena_free(a);
        return 0;
}
