/* SPDX-License-Identifier: Apache-2.0
 *
 * The file by which a bank answers a file of payments (回盘), in the bank's own form as the pack lays it out (doc/layouts.md): each payment
 * with what became of it. Read into plain rows, every fault at its line and column. Pure: knows no run of the house, no ledger.
 *
 * A layout of it has in each line reference ("R12A345", as the file of payments has it), amount, and result: `paid`, or the reason of the
 * return by ISO 20022 (AC04 …), which layout_codes.csv gives for each of the bank's own codes. Header or trailer may say `payment` (R12F1).
 */
#ifndef OFFICE_PAYMENT_BANK_RETURN_H
#define OFFICE_PAYMENT_BANK_RETURN_H

#include "base/arena.h"
#include "base/money.h"

struct layout;
struct bank_return_line {
        int64_t award;
        fen_t amount;
        const char *code; /* of the return; "" paid */
        size_t line;      /* of the file, from 1 */
};
struct bank_return {
        const char *payment;                  /* the file that is answered, as header or trailer say; "" */
        const struct bank_return_line *lines; /* by award, each once */
        size_t count, returned;
        fen_t total, returned_total;
        size_t reference_column, amount_column, result_column;
};

/* Everything lives in the arena. Of a run: SB_PAYMENT_RETURN_LINE (a line of another run, twice the same payment, a result that is neither),
 * SB_PAYMENT_RETURN (no line), SB_LAYOUT_FIELD (the layout has no such fields) and what layout_read tells. */
int bank_return_read(struct bank_return *out, struct arena *a, const struct layout *l, struct str bytes, int64_t run,
                     struct error *err);

/* Is it the reason of a return by ISO 20022: four capital letters or digits? */
bool bank_return_code(struct str code);

#endif
