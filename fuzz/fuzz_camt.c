/* SPDX-License-Identifier: Apache-2.0
 *
 * The statement of a bank (ISO 20022 camt.053, camt.054).
 */
#include "office/payment/camt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error err = {0};
        struct camt m = {.statements = NULL};
        struct arena *a = arena_new((size_t)16 << 20);

        if (a == NULL)
                return 0;
        int rc = camt_read(&m, a, (struct str){(const char *)data, size}, &err);
        if ((rc == 0) != (err.code == SB_OK))
                abort();
        for (const struct camt_statement *s = rc == 0 ? m.statements : NULL; s != NULL; s = s->next) {
                camt_balance(s, "OPBD");
                for (const struct camt_entry *e = s->entries; e != NULL; e = e->next) {
                        struct error fault = {0};
                        fen_t fen = 0;
                        if ((camt_fen(&e->amount, &fen, &fault) == 0) != (fault.code == SB_OK))
                                abort();
                }
        }
        arena_free(a);
        return 0;
}
