/* SPDX-License-Identifier: Apache-2.0
 *
 * The file by which a bank is told whom to pay: ISO 20022 pain.001, or the bank's own form as the pack lays it out (doc/layouts.md).
 * Bytes depend on the input alone. Knows no run and no award.
 *
 * What a layout may ask for: in header and trailer message, payment, pay_day, payer, payer_bank, payer_account; in each line reference,
 * name, bank, account, amount, text. `shebao pack check` refuses a layout of a pool that needs anything else (src/pack/layouts.c).
 */
#ifndef OFFICE_PAYMENT_BANK_FILE_H
#define OFFICE_PAYMENT_BANK_FILE_H

#include "office/payment/pain.h"

#include "pack/pack.h"

struct layout;
struct bank_file {
        struct layout *layout; /* NULL: pain.001 */
        json_t *values;
        struct buf *out;
        const struct pain_head *head;
};
/* begin, head->count transfers whose amounts make head->sum, end; then drop, also after an error. layout: its name in the pack, "" for
 * pain.001. SB_LAYOUT_UNKNOWN and others of its declaration; SB_PAYMENT_FIELD, SB_LAYOUT_FIT, SB_LAYOUT_VALUE, SB_LAYOUT_EMPTY: what
 * the file cannot hold. */
int bank_file_begin(struct bank_file *f, const struct pack *pack, const char *layout, struct buf *out,
                    const struct pain_head *head, struct error *err);
int bank_file_add(struct bank_file *f, const struct pain_transfer *t, struct error *err);
int bank_file_end(struct bank_file *f, struct error *err);
void bank_file_drop(struct bank_file *f);

/* "xml" or "txt", and the media type, of files of that layout. */
int bank_file_form(const struct pack *pack, const char *layout, const char **extension, const char **media, struct error *err);

#endif
